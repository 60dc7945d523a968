import stringWidth from "string-width";

/** What stands before a line that only goes on: text of a stranger cannot begin a line of its own with it. */
export const bar = "| ";

/** Below this no line is broken: there would be hardly more than the bar on it. */
const fewestColumns = 8;
const tabWidth = 8;
const longestSegmented = 2_000;

/** A colour that was put on, a line break, a run of spaces, or a word. */
const pieces = /\u001b\[[\d;]*m|\n|[^\S\n]+|[^\s\u001b]+|[^]/g;

/**
 * A function that lays out the parts of one text as they come: each line but the first begins with the bar, whether the text
 * breaks it or the width of the terminal does. Without `columns` only the text's own breaks count. A word that is longer than a line
 * is broken, unless `whole` leaves it to the terminal, from which a path can be copied then.
 */
export function createFlow(columns: number | undefined, mark = bar, whole = false): (text: string) => string {
  if (columns === undefined || columns < fewestColumns) return (text) => text.replaceAll("\n", `\n${mark}`);
  const width = columns;
  let column = 0;

  const breakLine = (): string => {
    column = mark.length;
    return `\n${mark}`;
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
      const letters = lettersOf(piece);
      const size = letters.reduce((sum, character) => sum + widthOf(character), 0);
      const isWord = piece.trim() !== "" && (whole || size <= width - mark.length);
      // The space behind a word stands on its line, too, so that none begins with it.
      const broken = isWord && column > mark.length && column + size >= width ? breakLine() : "";
      if (!isWord || size <= width - mark.length) return broken + letters.map(letter).join("");
      column = width - 1;
      return broken + piece;
    });
}

/** One whole text, laid out. */
export const layOut = (text: string, columns: number | undefined, mark = bar, whole = false): string =>
  createFlow(columns, mark, whole)(text);

/** What takes a place of its own on a terminal; most texts are ASCII, which need not be looked at twice. */
const lettersOf = (piece: string): string[] =>
  // The segmenter takes time that grows with the square of the length.
  /^[\x20-\x7e]*$/.test(piece) || piece.length > longestSegmented
    ? [...piece]
    : [...new Intl.Segmenter().segment(piece)].map(({ segment }) => segment);

/** How many columns a letter takes. Emoji and East Asian letters take two. */
function widthOf(letter: string): number {
  if (letter === "\t") return tabWidth;
  return letter.length === 1 && letter >= " " && letter <= "~" ? 1 : stringWidth(letter);
}
