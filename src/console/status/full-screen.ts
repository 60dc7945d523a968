import type { TerminalStream } from "./live-region.js";

/** Lines that fill a terminal, on its second screen: what stood there before is back when it has ended. */
export type FullScreen = {
  /** Shows these lines from the top; only those that are different are written. Each has to be narrower than the terminal. */
  show(lines: readonly string[]): void;
  end(): void;
};

const [enter, leave] = ["\u001b[?1049h\u001b[?25l", "\u001b[?25h\u001b[?1049l"];
const clear = "\u001b[2J";

/** `redraw` is called when the terminal has another size, or the program goes on that was stopped: what it shows then is written whole. */
export function openFullScreen(terminal: TerminalStream, redraw: () => void): FullScreen {
  let shown: readonly string[] = [];
  const anew = (): void => {
    shown = [];
    terminal.write(`${enter}${clear}`);
    redraw();
  };
  const end = (): void => {
    process.off("exit", end);
    process.off("SIGCONT", anew);
    terminal.off("resize", anew);
    terminal.write(leave);
  };
  process.on("exit", end);
  process.on("SIGCONT", anew);
  terminal.on("resize", anew);
  terminal.write(`${enter}${clear}`);
  return {
    show(lines) {
      const count = Math.max(lines.length, shown.length);
      const changed = Array.from({ length: count }, (_one, row) => row).filter((row) => lines[row] !== shown[row]);
      if (changed.length > 0)
        terminal.write(changed.map((row) => `\u001b[${row + 1};1H${lines[row] ?? ""}\u001b[K`).join(""));
      shown = lines;
    },
    end,
  };
}
