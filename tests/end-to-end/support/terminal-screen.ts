import xterm from "@xterm/headless";

export type TerminalSize = { columns: number; rows: number };

/** How one character is shown. Colours are `default`, a number of the palette, or `#rrggbb`. */
export type Look = { colour: string; bold: boolean; dim: boolean; inverse: boolean };

/** A terminal that bytes are written to, as one sees it. */
export type TerminalScreen = {
  /** Resolves once the bytes are shown. */
  write(bytes: string | Uint8Array): Promise<void>;
  resize(size: TerminalSize): void;
  /** Every line from the first that was ever written, trimmed at the right; empty ones at the end are left out. */
  lines(): string[];
  /** The lines that are on the screen now, as many as it has rows. */
  visible(): string[];
  /** Where the cursor is: its column from 0, and its line among all `lines`. */
  cursor(): { column: number; line: number };
  /** How the first place of this text is shown. Throws an error where it is nowhere. */
  look(text: string): Look;
};

/** What a terminal of this size shows, rendered by a real emulator. Bytes are written to it as a program writes them to a tty. */
export function terminalScreen({ columns, rows }: TerminalSize): TerminalScreen {
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  // A program may go over to a second one.
  const buffer = () => terminal.buffer.active;
  const lineAt = (index: number): string => buffer().getLine(index)?.translateToString(true) ?? "";
  const all = (): string[] => Array.from({ length: buffer().length }, (_, index) => lineAt(index));
  return {
    write: (bytes) => new Promise((resolve) => terminal.write(bytes, resolve)),
    resize: (size) => terminal.resize(size.columns, size.rows),
    lines() {
      const lines = all();
      while (lines.at(-1) === "") lines.pop();
      return lines;
    },
    visible: () => Array.from({ length: terminal.rows }, (_, row) => lineAt(buffer().baseY + row)),
    cursor: () => ({ column: buffer().cursorX, line: buffer().baseY + buffer().cursorY }),
    look(text) {
      const index = all().findIndex((line) => line.includes(text));
      const cell = buffer().getLine(index)?.getCell(lineAt(index).indexOf(text));
      if (!cell) throw new Error(`${JSON.stringify(text)} is not on the screen:\n${all().join("\n")}`);
      const colour = cell.getFgColor();
      return {
        colour: cell.isFgDefault()
          ? "default"
          : cell.isFgRGB()
            ? `#${colour.toString(16).padStart(6, "0")}`
            : `${colour}`,
        bold: cell.isBold() !== 0,
        dim: cell.isDim() !== 0,
        inverse: cell.isInverse() !== 0,
      };
    },
  };
}
