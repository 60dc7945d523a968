import { messageOf } from "../../../errors.js";
import { requireKey } from "../../../settings/require-key.js";
import type { DoctorCheck } from "../check.js";

/** Whether there is a key where one is needed. Its value is never shown. */
export const keyCheck: DoctorCheck = {
  id: "key",
  look({ settings, loaded }) {
    try {
      requireKey(settings, loaded.sources);
    } catch (thrown) {
      return Promise.resolve({ state: "fail", found: "no key", advice: messageOf(thrown) });
    }
    const { openAiApiKey } = settings;
    if (openAiApiKey === undefined)
      return Promise.resolve({ state: "ok", found: "no key, and none may be needed here" });
    const { text } = loaded.sources.openAiApiKey;
    return Promise.resolve({ state: "ok", found: `${text.replace(/,$/, "")}, ${openAiApiKey.length} characters` });
  },
};
