import { apiFor } from "../../../model/openai/chat.js";
import type { DoctorCheck } from "../check.js";

const names = { chat: "Chat Completions", responses: "Responses" } as const;

const fixes = [{ setting: "OPENAI_API=auto" }];

/** By which API the models are asked, as far as is known before a request. */
export const apiCheck: DoctorCheck = {
  id: "api",
  look({ settings: { openAiApi: api, openAiBackground: background }, server: { server, model } }) {
    const models = [...new Map((["smart", "fast"] as const).map((role) => [model(role).sent, model(role)])).values()];
    const asked = models.map(({ entry, sent }) => ({
      sent,
      by: names[apiFor({ api, entry, server, background }, sent)],
    }));
    const [first] = asked;
    const found = asked.every(({ by }) => by === first?.by)
      ? `models are asked by ${first?.by} (OPENAI_API=${api})`
      : `${asked.map(({ sent, by }) => `${sent} is asked by ${by}`).join(", ")} (OPENAI_API=${api})`;
    if (background && api === "chat") {
      const advice = "OPENAI_BACKGROUND does nothing there: set OPENAI_API=auto.";
      return Promise.resolve({ state: "warn", found, advice, fixes });
    }
    const other = models.find(({ entry }) => api !== "auto" && entry.api !== undefined && entry.api !== api);
    if (!other) return Promise.resolve({ state: "ok", found });
    const advice = `${other.sent} can only be asked by ${names[other.entry.api ?? "chat"]}: set OPENAI_API=auto.`;
    return Promise.resolve({ state: "warn", found, advice, fixes });
  },
};
