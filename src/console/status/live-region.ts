import type { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";

/** The lines to show below everything else, on a terminal of this size. */
export type Below = (size: { columns: number; rows: number }) => readonly string[];

export type TerminalStream = Writable & { isTTY?: boolean; columns?: number; rows?: number };

/** What writes to a terminal, with lines below that are redrawn and never become part of what was written. */
export type LiveRegion = {
  /** Writes to one of the terminal's streams, above the lines that are shown. */
  write(out: Writable, text: string): void;
  /** Shows these lines from now on, or none. */
  show(below: Below | null): void;
  /** Draws the lines anew. */
  refresh(): void;
  /** Whether a line has been begun and not ended. */
  isInLine(): boolean;
  /** What comes next was preceded by something that was not written here and ended its line, as an answer does. */
  atLineStart(): void;
};

/**
 * Draws by relative movements alone: the cursor stays where text goes on, so that erasing from there to the end of the
 * screen takes the lines away, also where a narrower terminal has broken them.
 */
export function createLiveRegion(terminal: TerminalStream): LiveRegion {
  let below: Below | null = null;
  let drawn = false;
  let column = 0;

  const erase = (): void => {
    if (!drawn) return;
    drawn = false;
    // From the place behind what was written; at a line's start that is the first of the lines below.
    terminal.write(`${column === 0 ? "\r" : ""}\u001b[J`);
  };
  const draw = (): void => {
    const { columns = 80, rows = 24 } = terminal;
    const lines = (below?.({ columns, rows }) ?? []).slice(0, Math.max(0, rows - 2));
    if (lines.length === 0) return;
    const up = column === 0 ? lines.length - 1 : lines.length;
    const back = `${up > 0 ? `\u001b[${up}A` : ""}\r${column > 0 ? `\u001b[${column}C` : ""}`;
    terminal.write(`${column === 0 ? "" : "\n"}${lines.join("\n")}${back}`);
    drawn = true;
  };
  const redraw = (): void => {
    erase();
    draw();
  };
  const show = (given: Below | null): void => {
    const before = below;
    below = given;
    redraw();
    if (before === null && given !== null) {
      process.on("exit", erase);
      terminal.on("resize", redraw);
    } else if (before !== null && given === null) {
      process.off("exit", erase);
      terminal.off("resize", redraw);
    }
  };
  return {
    write(out, text) {
      erase();
      out.write(text);
      column = columnBehind(text, column);
      draw();
    },
    show,
    refresh: redraw,
    isInLine: () => column > 0,
    atLineStart() {
      column = 0;
    },
  };
}

function columnBehind(text: string, before: number): number {
  const lines = text.split("\n");
  const last = stripVTControlCharacters(lines.at(-1) ?? "");
  return (lines.length === 1 ? before : 0) + stringWidth(last);
}
