import type { Inspect } from "../../agent/think.js";
import type { Mask } from "../../base/mask.js";
import type { Fitting } from "../../commands/command.js";
import type { Memory } from "../../memory/memory.js";
import { counterNear } from "../../model/tokens.js";
import { resultTokens, shorten } from "../../prompt/history.js";
import type { SizedModel } from "../models.js";

type Sized = Pick<SizedModel, "counter" | "contextTokens">;

/** Makes a text fit to be shown to the model: without secrets, and no longer than a step may be. */
export const presentableTo =
  ({ counter, contextTokens }: Sized, mask: Mask) =>
  async (written: string): Promise<string> => {
    const [text, most] = [mask(written.toWellFormed()), resultTokens(contextTokens, 0)];
    return shorten(text, most, await counterNear(most, text, counter));
  };

/** What a reply may be expected to take of the context, so that a result beside it is shown whole. */
const replyShare = 1 / 10;

/** How many characters of a text fit into one result beside a reply of usual length; tokens are counted where the estimate says that not all do. */
export function fittingIn({ counter, contextTokens }: Sized): Fitting {
  const most = resultTokens(contextTokens, contextTokens * replyShare);
  return async (text) => (await counterNear(most, text, counter)).fittingLength(text, most);
}

/** Makes who looks at contexts, if anybody does; what is shown was counted and is no estimate. */
export type Inspector = (memory: Memory, countTokens: (text: string) => number) => Inspect;

/** Who looks at the contexts of a run, as its thinking takes it: nobody where there is no inspector. */
export function inspecting(
  { counter }: Pick<SizedModel, "counter">,
  memory: Memory,
  inspector: Inspector | null,
): { inspect?: Inspect } {
  if (inspector === null) return {};
  const look = inspector(memory, counter.count);
  return {
    async inspect(...shown) {
      await counter.load();
      await look(...shown);
    },
  };
}
