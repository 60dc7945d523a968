import { messageOf, ModelError } from "../../../errors.js";
import { chatOutsideRun } from "../../../compose/chat.js";
import type { DoctorCheck } from "../check.js";

/** With --live: one tiny real call to the smart model. */
export const chatCheck: DoctorCheck = {
  id: "chat",
  async look({ live, server, settings, signal }) {
    if (!live) return undefined;
    const { entry, setting, deployment } = server.model("smart");
    const model = chatOutsideRun(server, settings, "smart", Math.min(1, settings.openAiRetries));
    const messages = [{ role: "user" as const, content: "Answer with the word OK." }];
    try {
      const { usage } = await model.send({ step: 0, purpose: "think", messages, answerTokens: 200, signal });
      const tokens = usage.promptTokens + usage.completionTokens;
      return {
        state: "ok",
        found: `${deployment ?? entry.name} answers (${tokens} tokens${usage.estimated ? ", estimated" : ""})`,
      };
    } catch (thrown) {
      if (!(thrown instanceof ModelError)) throw thrown;
      const replacement = thrown.kind === "unknown-model" ? entry.replacement : undefined;
      const found = messageOf(thrown);
      if (!replacement) return { state: "fail", found, advice: thrown.advice ?? "Try again later." };
      const fix = `${setting}=${replacement}`;
      return { state: "fail", found, advice: `Set ${fix}.`, fixes: [{ setting: fix }] };
    }
  },
};
