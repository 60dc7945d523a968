import { escapeText } from "../../base/escape.js";
import type { JournalEvent } from "../../history/events.js";
import type { Palette } from "../palette.js";
import type { Screen } from "../screen.js";

type Retry = Extract<JournalEvent, { type: "model-retry" }>;

/**
 * Says that a request is tried again. A problem is told once; on a terminal the line at the bottom counts on then, and
 * once the server has answered it is said how often it was tried. Elsewhere each further try is a short line.
 */
export function createRetryNotes(screen: Screen, palette: Palette): (event: JournalEvent) => void {
  let told: string | null = null;
  let tries = 0;
  const note = (text: string): void => screen.note(palette("yellow", text));
  const again = (event: Retry): void => {
    tries += 1;
    const wait = `Trying again in ${(event.waitMs / 1000).toFixed(1)} s.`;
    if (event.problem !== told || event.costUsd > 0)
      note(`The model's server: ${escapeText(event.problem)}${billed(event)} ${wait}`);
    else if (!screen.live) note(`The model's server: the same again, after ${tries} tries. ${wait}`);
    told = event.problem;
  };
  return (event) => {
    if (event.type === "model-retry") again(event);
    else if (event.type === "model-replied" || event.type === "model-failed") {
      if (tries > 1 && event.type === "model-replied") note(`The model's server answered after ${tries + 1} tries.`);
      tries = 0;
      told = null;
    }
  };
}

/** What a failed attempt takes from the budget. */
const billed = ({ costUsd }: Retry): string =>
  costUsd > 0 ? ` It may be billed, so it counts in full: $${costUsd.toFixed(4)}.` : "";
