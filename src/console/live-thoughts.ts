import { escapeText } from "../base/escape.js";
import type { StreamMask } from "../base/mask.js";
import { createFlow, layOut } from "./layout.js";
import type { Palette } from "./palette.js";
import { createThoughtReader, upToBreak } from "./partial-thoughts.js";
import type { Screen } from "./screen.js";

export type LiveOptions = { aiName: string; palette: Palette; mask: StreamMask };

/** Shows a reply's thoughts word by word while they come. */
export interface LiveThoughts {
  /** The next piece of the reply; null: it begins, or begins again. */
  hear(piece: string | null): void;
  /** Ends the line that is being written. Returns what was shown of each thought, by its name, and forgets it. */
  finish(): ReadonlyMap<string, string>;
  /** The plan that was shown last: it is not shown again while it stays the same. */
  planIs(plan: string): void;
}

/** The name of each thought that is shown, and its heading. */
export const headings = (aiName: string): ReadonlyMap<string, string> =>
  new Map([
    ["text", `${aiName.toUpperCase()} THOUGHTS:`],
    ["reasoning", "REASONING:"],
    ["plan", "PLAN:"],
    ["criticism", "CRITICISM:"],
  ]);

/** On anything but a terminal nothing is shown before the reply is whole. */
export function createLiveThoughts(screen: Screen, { aiName, palette, mask }: LiveOptions): LiveThoughts {
  const titles = headings(aiName);
  let reader = createThoughtReader();
  /** Of each thought, how much of it as it came is shown, and what that looks like when it is masked. */
  let shown = new Map<string, { length: number; masked: string }>();
  let inLine = false;
  let plan = "";
  let flow = createFlow(screen.columns, screen.bar);

  const show = (name: string, text: string): void => {
    const before = shown.get(name);
    if (before === undefined) {
      if (inLine) screen.write("\n");
      flow = createFlow(screen.columns, screen.bar);
      screen.write(flow(`${palette("yellow", escapeText(titles.get(name) ?? ""))}${name === "plan" ? "" : " "}`));
      inLine = true;
    }
    const masked = mask(text);
    if (name === "plan") screen.write(planLines(masked, palette, screen.columns));
    else screen.write(flow(escapeText(masked)));
    shown.set(name, {
      length: (before?.length ?? 0) + text.length,
      masked: (before?.masked ?? "") + masked,
    });
  };
  return {
    hear(piece) {
      if (!screen.live) return;
      if (piece === null) {
        if (inLine) screen.write("\n");
        reader = createThoughtReader();
        shown = new Map();
        inLine = false;
        return;
      }
      for (const [name, { text, whole }] of reader.read(piece)) {
        // A plan is held back for as long as it may turn out to be the one before.
        if (name === "plan" && (whole ? mask(text) === plan : plan.startsWith(text))) continue;
        const rest = text.slice(shown.get(name)?.length ?? 0);
        const ready = whole ? rest : upToBreak(rest, name === "plan" ? /\n/ : /\s/, mask);
        if (titles.has(name) && ready !== "") show(name, ready);
      }
    },
    finish() {
      if (inLine) screen.write("\n");
      inLine = false;
      const result = new Map([...shown].map(([name, { masked }]) => [name, masked]));
      shown = new Map();
      return result;
    },
    planIs: (given) => void (plan = given),
  };
}

/** The lines of a plan, each beginning with a dash. */
const planLines = (text: string, palette: Palette, columns: number | undefined): string =>
  text
    .split("\n")
    .map((line) => escapeText(line.replace(/^[\s-]+/, "")))
    .filter((line) => line !== "")
    .map((line) => `\n${layOut(`${palette("green", "- ")} ${line}`, columns)}`)
    .join("");
