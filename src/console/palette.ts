export type Colour = "red" | "green" | "yellow" | "cyan" | "magenta" | "dim";
export type Palette = (colour: Colour, text: string) => string;

/** How many colours a terminal has, in bits; 0: none are wanted. */
export type ColourDepth = 0 | 4 | 8 | 24;

const bold = "1";

/**
 * What each colour is. With 256 colours or more they have a contrast of at least 4.5 on black and on white; what no such
 * colour is there for is bold in the terminal's own colour, which can be read on any background.
 */
const codes: Record<Exclude<ColourDepth, 0>, Record<Colour, string>> = {
  24: {
    red: "38;2;236;0;0",
    green: "38;2;0;135;60",
    yellow: "38;2;160;106;0",
    cyan: bold,
    magenta: bold,
    dim: "38;2;118;118;118",
  },
  8: { red: "38;5;131", green: "38;5;29", yellow: bold, cyan: bold, magenta: bold, dim: "38;5;243" },
  // The sixteen are whatever the terminal's owner has chosen; red alone is worth it.
  4: { red: "1;31", green: bold, yellow: bold, cyan: bold, magenta: bold, dim: "" },
};

/** Colours texts, or leaves them as they are. */
export function createPalette(depth: ColourDepth): Palette {
  if (depth === 0) return (_colour, text) => text;
  return (colour, text) => {
    const code = codes[depth][colour];
    return code === "" || text === "" ? text : `\u001b[${code}m${text}\u001b[0m`;
  };
}

const stateColours: ReadonlyMap<string, Colour> = new Map([
  ["fail", "red"],
  ["failed", "red"],
  ["warn", "yellow"],
  ["ok", "green"],
  ["proven", "green"],
]);

/** Lines that begin with what was found (`ok`, `warn`, `fail` …), that word in its colour. */
export const colouredStates = (palette: Palette, text: string): string =>
  text.replace(/^(?:fail|failed|warn|ok|proven)(?=[ :])/gm, (word) => palette(stateColours.get(word) ?? "dim", word));

/** A warning's first word in its colour, so that it is seen; other texts stay as they are. */
export const coloured = (palette: Palette, text: string): string =>
  text.replace(/^WARNING:/, (word) => palette("yellow", word)).replace(/^Error:/, (word) => palette("red", word));
