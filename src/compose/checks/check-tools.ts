import type { Tape } from "../../cassette/tape.js";
import type { CheckContext } from "../../goals/check.js";
import type { Listener } from "../../history/emit.js";
import type { Web } from "../../web/web.js";
import { tapedSearch } from "../tape/taped.js";
import type { Models } from "../models.js";
import { createAskModel } from "./ask-model.js";

/** What checks may use besides the workspace and its shell: the web, the smart model, and what looks for patterns. `step`: the step they belong to. */
export const createCheckTools = (
  web: Pick<Web, "request">,
  models: Pick<Models, "smart">,
  step: () => number,
  { signal, tape }: { signal: AbortSignal; tape: Tape | null },
): Pick<CheckContext, "askModel" | "requestPage" | "search"> => ({
  search: tapedSearch(tape),
  requestPage: (url, seconds) => web.request(url, seconds * 1000, signal),
  askModel: createAskModel({ model: models.smart, step, signal }),
});

/** Follows a run's events, to say which step it is in; 0 before the first. */
export function followSteps(): { listener: Listener; step(): number } {
  let step = 0;
  return {
    listener: async (event) => {
      if ("step" in event) step = event.step;
    },
    step: () => step,
  };
}
