import { escapeText } from "../base/escape.js";
import type { Palette } from "./palette.js";
import { createThoughtReader } from "./partial-thoughts.js";
import type { Screen } from "./screen.js";

export type LiveOptions = { aiName: string; palette: Palette; mask: <Value>(value: Value) => Value };

/** Shows a reply's thoughts word by word while they come. */
export interface LiveThoughts {
  /** The next piece of the reply; null: it begins, or begins again. */
  hear(piece: string | null): void;
  /** Ends the line that is being written. Returns what was shown of each thought, by its name, and forgets it. */
  finish(): ReadonlyMap<string, string>;
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
  let shown = new Map<string, string>();
  let inLine = false;

  const show = (name: string, text: string): void => {
    const before = shown.get(name);
    if (before === undefined) {
      if (inLine) screen.write("\n");
      screen.write(`${palette("yellow", escapeText(titles.get(name) ?? ""))}${name === "plan" ? "" : " "}`);
      inLine = true;
    }
    // Masking cannot change what was shown: words are shown whole, so a secret in it was masked then as well.
    const rest = text.startsWith(before ?? "") ? text.slice((before ?? "").length) : "";
    if (rest !== "") screen.write(name === "plan" ? planLines(rest, palette, before) : escapeText(rest));
    shown.set(name, (before ?? "") + rest);
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
        const ready = whole ? text : upToBreak(text, name === "plan" ? /\n/ : /\s/);
        if (titles.has(name) && ready !== "" && ready.length > 0) show(name, mask(ready));
      }
    },
    finish() {
      if (inLine) screen.write("\n");
      inLine = false;
      const result = shown;
      shown = new Map();
      return result;
    },
  };
}

/** Words are shown whole: half of one could be half a secret, or half a character. */
function upToBreak(text: string, space: RegExp): string {
  for (let end = text.length; end > 0; end--) if (space.test(text.charAt(end - 1))) return text.slice(0, end - 1);
  return "";
}

/** The lines of a plan, each beginning with a dash. */
function planLines(text: string, palette: Palette, before: string | undefined): string {
  const lines = before === undefined ? text.split("\n") : text.replace(/^\n/, "").split("\n");
  return lines
    .map((line) => escapeText(line.replace(/^[\s-]+/, "")))
    .filter((line) => line !== "")
    .map((line) => `\n${palette("green", "- ")} ${line}`)
    .join("");
}
