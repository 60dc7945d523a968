import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { messageOf, SettingsError } from "../../errors.js";

/** Where metrics are served. */
export type MetricsAddress = { host: string; port: number };

export type Health = { ok: boolean; storeAnsweredSecondsAgo: number };

export type ServeOptions = MetricsAddress & {
  contentType: string;
  text(): Promise<string>;
  health(): Health;
};

/** Serves `/metrics` and `/health` (503 where it is not well) until it is closed. Throws SettingsError where the port cannot be used. */
export async function serveMetrics({ host, port, contentType, text, health }: ServeOptions) {
  const answer = (response: ServerResponse, code: number, type: string, body: string): void => {
    response.writeHead(code, { "content-type": type, "cache-control": "no-store" }).end(body);
  };
  const server = createServer((request, response) => {
    const [path] = (request.url ?? "").split("?", 1);
    if (request.method !== "GET" && request.method !== "HEAD")
      return answer(response, 405, "text/plain", "Only GET is answered.\n");
    if (path === "/health") {
      const now = health();
      return answer(response, now.ok ? 200 : 503, "application/json", `${JSON.stringify(now)}\n`);
    }
    if (path !== "/metrics") return answer(response, 404, "text/plain", "There are /metrics and /health.\n");
    text().then(
      (body) => answer(response, 200, contentType, body),
      () => answer(response, 500, "text/plain", "The metrics cannot be told.\n"),
    );
  });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new SettingsError(
      `Metrics cannot be served at port ${port} of ${host} (${messageOf(cause)}). Name another one with --metrics-port.`,
      { cause },
    );
  }
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}/metrics`,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
