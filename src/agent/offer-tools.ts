import { counted } from "../base/text.js";
import type { Step } from "../history/events.js";
import { callsLeftOut, type Tool } from "../model/native-calls.js";

/** When commands are offered as tools of the server's: where replies do not hold their form, always, or never. */
export type NativeTools = "auto" | "on" | "off";

export type OfferTools = { mode: NativeTools; tools(): readonly Tool[] };

/** So many replies in a row without a command show that the form does not hold. */
const enough = 2;

/**
 * Says for the steps so far whether commands are offered as tools: once a model has given several replies in a row that were not
 * understood, for the rest of the run. It depends on the steps alone, so a resume and a replay offer the same.
 */
export function createToolOffer({ mode, tools }: OfferTools): (steps: readonly Step[]) => readonly Tool[] | undefined {
  let looked = 0;
  let inRow = 0;
  let isDue = mode === "on";
  let offered: readonly Tool[] | undefined;
  return (steps) => {
    if (mode === "off") return undefined;
    for (; !isDue && looked < steps.length; looked++) {
      inRow = steps[looked]?.outcome === "not-understood" ? inRow + 1 : 0;
      isDue = inRow >= enough;
    }
    return isDue ? (offered ??= tools()) : undefined;
  };
}

/** What the last message says where tools are offered, or calls were left out; null for nothing. */
export function aboutTools(steps: readonly Step[], isOffered: boolean): string | null {
  const left = callsLeftOut(steps.at(-1)?.text ?? "");
  const told = [
    ...(left > 0
      ? [`Of your calls only the first was carried out, ${counted(left, "other")} not: make one call at a time.`]
      : []),
    ...(isOffered ? ["You may call a command as a tool in place of answering in JSON."] : []),
  ];
  return told.length === 0 ? null : told.join(" ");
}
