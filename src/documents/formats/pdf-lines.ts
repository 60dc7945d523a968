const ideograph = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]$/u;
/** So many characters one below the other are a column, not a heading or a table. */
const leastColumn = 4;

/**
 * The text of a page as it reads: words that were parted at the end of a line are whole again, columns of vertical
 * Japanese and Chinese are lines, and the forms of punctuation that stand in them are the usual ones.
 */
export function readingText(page: string): string {
  const usual = page.replace(/[\ufe10-\ufe19\ufe30-\ufe4f]+/g, usualForms);
  return joinColumns(usual.split("\n"))
    .join("\n")
    .replace(/(\p{Ll})[-\u00ad]\n(?=\p{Ll})/gu, "$1");
}

/** Brackets become the wide ones of their script, as horizontal text has them, and not those of ASCII. */
const usualForms = (forms: string): string =>
  [...forms].map((form) => verticalBrackets[form] ?? form.normalize("NFKC")).join("");

const verticalBrackets: Readonly<Record<string, string>> = {
  "︵": "（",
  "︶": "）",
  "︷": "｛",
  "︸": "｝",
  "﹇": "［",
  "﹈": "］",
  "︐": "，",
  "︓": "：",
  "︔": "；",
  "︕": "！",
  "︖": "？",
};

function joinColumns(lines: readonly string[]): string[] {
  const joined: string[] = [];
  let column: string[] = [];
  const endColumn = (): void => {
    joined.push(...(column.length >= leastColumn ? [column.join("")] : column));
    column = [];
  };
  for (const line of lines) {
    if (ideograph.test(line.trim())) column.push(line.trim());
    else {
      endColumn();
      joined.push(line);
    }
  }
  endColumn();
  return joined;
}
