import { counted } from "../../base/text.js";
import { messageForPerson } from "../../errors.js";
import { openStore } from "../../fleet/store/open-store.js";
import type { DoctorCheck } from "./check.js";

/** Whether the server of the fleet's queue can be used, and keeps what it is given. Says nothing where no queue is set. */
export const queueCheck: DoctorCheck = {
  id: "queue",
  async look({ settings, signal }) {
    if (settings.queueUrl === undefined) return undefined;
    try {
      const store = await openStore(settings.queueUrl);
      try {
        const [workers, runs] = [await store.workers(), await store.list()];
        const found = `${store.server} at ${store.place}, ${counted(workers.length, "worker")}, ${counted(runs.length, "run")}`;
        if (store.warnings.length === 0) return { state: "ok", found };
        return {
          ...{ state: "warn", found: `${found}. ${store.warnings.join(" ")}` },
          advice: "Correct what the warning names in the settings of that server.",
        };
      } finally {
        await store.close();
      }
    } catch (thrown) {
      signal.throwIfAborted();
      return {
        ...{ state: "fail", found: messageForPerson(thrown) },
        advice: "Correct what is named there, or leave QUEUE_URL out.",
      };
    }
  },
};
