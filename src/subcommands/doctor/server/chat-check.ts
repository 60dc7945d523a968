import { messageOf, ModelError } from "../../../errors.js";
import { openAiChat } from "../../../model/openai/chat.js";
import { withRetry } from "../../../model/retry.js";
import { createTokenCounter } from "../../../model/tokens.js";
import type { DoctorCheck } from "../check.js";

/** With --live: one tiny real call to the smart model. */
export const chatCheck: DoctorCheck = {
  id: "chat",
  async look({ live, server, settings, signal }) {
    if (!live) return undefined;
    const { entry, setting, deployment } = server.model("smart");
    const counter = createTokenCounter(entry);
    const asked = openAiChat({ server: server.server, entry, setting, deployment, counter });
    const model = withRetry(asked, { retries: Math.min(1, settings.openAiRetries), emit: () => Promise.resolve() });
    const messages = [{ role: "user" as const, content: "Answer with the word OK." }];
    try {
      const { usage } = await model.chat({ step: 0, purpose: "think", messages, answerTokens: 200, signal });
      const tokens = usage.promptTokens + usage.completionTokens;
      return {
        state: "ok",
        found: `${deployment ?? entry.name} answers (${tokens} tokens${usage.estimated ? ", estimated" : ""})`,
      };
    } catch (thrown) {
      if (!(thrown instanceof ModelError)) throw thrown;
      const replacement = thrown.kind === "unknown-model" ? entry.replacement : undefined;
      const found = messageOf(thrown);
      if (!replacement) return { state: "fail", found, advice: "Correct what is named there, then try again." };
      const fix = `${setting}=${replacement}`;
      return { state: "fail", found, advice: `Set ${fix}.`, fixes: [{ setting: fix }] };
    }
  },
};
