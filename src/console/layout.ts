/** What stands before a line that only goes on: text of a stranger cannot begin a line of its own with it. */
export const bar = "| ";

/** Below this no line is broken: there would be hardly more than the bar on it. */
const fewestColumns = 8;
const tabWidth = 8;

/** A colour that was put on, a line break, a run of spaces, or a word. */
const pieces = /\u001b\[[\d;]*m|\n|[^\S\n]+|[^\s\u001b]+|[^]/g;

/**
 * A function that lays out the parts of one text as they come: each line but the first begins with the bar, whether the text
 * breaks it or the width of the terminal does. Without `columns` only the text's own breaks count.
 */
export function createFlow(columns: number | undefined): (text: string) => string {
  const width = columns !== undefined && columns >= fewestColumns ? columns : Infinity;
  let column = 0;

  const breakLine = (): string => {
    column = bar.length;
    return `\n${bar}`;
  };
  const letter = (character: string): string => {
    const broken = column + widthOf(character) > width ? breakLine() : "";
    column += widthOf(character);
    return broken + character;
  };
  return (text) =>
    text.replace(pieces, (piece) => {
      if (piece === "\n") return breakLine();
      if (piece.startsWith("\u001b[")) return piece;
      const letters = [...piece];
      const whole = letters.reduce((sum, character) => sum + widthOf(character), 0);
      const isWord = piece.trim() !== "" && whole <= width - bar.length;
      return (isWord && column + whole > width ? breakLine() : "") + letters.map(letter).join("");
    });
}

/** One whole text, laid out. */
export const layOut = (text: string, columns: number | undefined): string => createFlow(columns)(text);

/** How many columns a character takes at the most, as far as one can tell without knowing the font. */
function widthOf(character: string): number {
  if (character === "\t") return tabWidth;
  return (character.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1;
}
