import { Parser } from "htmlparser2";
import { DocumentError } from "./document-error.js";

const unread = new Set(["script", "style", "noscript", "template", "svg", "iframe", "object"]);
const blocks = new Set(
  (
    "address article aside blockquote br dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 " +
    "header hr li main nav ol option p pre section summary table tbody tfoot thead title tr ul"
  ).split(" "),
);
const cells = new Set(["td", "th"]);
/** The parser's time grows with the square of the depth: far above what any page has, it would stand still. */
const deepest = 30_000;

/**
 * The text that a page shows: a line for each block, no scripts and styles. Builds no tree. Throws DocumentError for a
 * page that is nested deeper than 30,000 elements.
 */
export function textOfHtml(html: string): string {
  const pieces: string[] = [];
  let [depth, unreadDepth] = [0, 0];
  const apart = (name: string): void => {
    if (blocks.has(name)) pieces.push("\n");
    else if (cells.has(name)) pieces.push(" ");
  };
  const parser = new Parser({
    onopentagname(name) {
      depth += 1;
      if (depth > deepest) throw new DocumentError("damaged", `Its elements are nested more than ${deepest} deep.`);
      if (unread.has(name)) unreadDepth += 1;
      apart(name);
    },
    // Line ends of the source are spaces.
    ontext: (text) => void (unreadDepth === 0 && pieces.push(text.replace(/\s+/g, " "))),
    onclosetag(name) {
      depth -= 1;
      if (unread.has(name)) unreadDepth -= 1;
      apart(name);
    },
  });
  parser.end(html);
  return pieces
    .join("")
    .split("\n")
    .map((line) => line.replace(/ {2,}/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n");
}
