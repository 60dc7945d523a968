import { ModelError } from "../../../errors.js";
import { RefusedRequest } from "../../../model/http/errors.js";
import type { DoctorCheck } from "../check.js";

/** Whether the server answers, and accepts the key. */
export const endpointCheck: DoctorCheck = {
  id: "endpoint",
  async look({ server: { server }, signal }) {
    const { address } = server;
    try {
      await server.get("/models", signal);
      return {
        state: "ok",
        found: `${address} answers${server.proxy === null ? "" : ` through the proxy ${server.proxy}`}`,
      };
    } catch (thrown) {
      if (thrown instanceof RefusedRequest) return refused(address, thrown.status);
      if (!(thrown instanceof ModelError)) throw thrown;
      const advice = "Start the server, or check OPENAI_API_BASE_URL and the network.";
      return { state: "fail", found: thrown.message, advice: [advice, server.wayAdvice].join(" ").trim() };
    }
  },
};

function refused(address: string, status: number) {
  const found = `${address} answers with status ${status}`;
  if (status === 401 || status === 403) {
    return { state: "fail" as const, found: `${found}: it does not accept the key`, advice: "Check OPENAI_API_KEY." };
  }
  if (status >= 500)
    return { state: "warn" as const, found, advice: "The server has a fault of its own: try again later." };
  return { state: "ok" as const, found: `${found} to the question for its models, which it need not know` };
}
