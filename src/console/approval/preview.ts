import { escapeControls } from "../../base/escape.js";
import { counted, firstCharacters, sizeText } from "../../base/text.js";
import type { FileContent, Preview, PreviewPart } from "../../history/events/preview.js";
import type { Palette } from "../palette.js";
import { changedLines, linesOf, type ChangedLine } from "./diff.js";
import { mostArgumentCharacters } from "./next-action.js";

/** How much room there is for what is folded: rows of the screen, and columns of each. */
export type Room = { rows: number; columns: number };

/** A preview as lines of text, safe to be shown; `folded`: how many more lines there are, or parts of lines. */
export type ShownPreview = { lines: string[]; folded: number };

/** Each part is shown by at least as many rows, however many parts there are. */
const leastRows = 3;
/** A folded line may go on in the next row. */
const rowsOfLine = 2;

/** Shows what a call will do; with `room`, long texts are folded to fit into it, else all of them is shown. */
export async function showPreview(preview: Preview, palette: Palette, room: Room | null): Promise<ShownPreview> {
  const parts = (await Promise.all(preview.map(describe))).filter((part) => part !== null);
  const rows = room === null ? Infinity : Math.max(leastRows, Math.floor(room.rows / Math.max(1, parts.length)) - 1);
  const columns = room === null ? Infinity : Math.max(20, room.columns * rowsOfLine - 8);
  const shown: ShownPreview = { lines: [], folded: 0 };
  for (const { heading, body, isFolded = false } of parts) {
    addLine(shown, palette, plain(heading), { indent: "", columns: isFolded ? columns : Infinity });
    let used = 0;
    for (const [index, { text, colour }] of body.entries()) {
      used += Math.ceil((text.length + 4) / (room?.columns ?? Infinity)) || 1;
      // The line that says how much is folded takes the room of the last one.
      if (used > rows && body.length - index > 1) {
        shown.folded += body.length - index;
        shown.lines.push(palette("dim", `  … ${counted(body.length - index, "more line")}`));
        break;
      }
      addLine(shown, palette, { text, colour }, { indent: "  ", columns });
    }
  }
  return shown;
}

/** A line of this many characters, and one that says how many more there are. */
function addLine(
  shown: ShownPreview,
  palette: Palette,
  { text, colour }: ChangedLine,
  { indent, columns }: { indent: string; columns: number },
): void {
  const isCut = text.length > columns;
  const line = `${indent}${safe(isCut ? firstCharacters(text, columns) : text)}`;
  shown.lines.push(colour === null ? line : palette(colour, line));
  if (!isCut) return;
  shown.folded += 1;
  shown.lines.push(palette("dim", `  … ${counted(text.length - columns, "more character")} of this line`));
}

const safe = (text: string): string => escapeControls(text, { newlines: "escape" });

/** `isFolded`: the heading itself is text of the call, of any length. */
type Described = { heading: string; body: ChangedLine[]; isFolded?: boolean };

/** A part in words and lines; null where the line that names the command shows it all. */
async function describe(part: PreviewPart): Promise<Described | null> {
  switch (part.kind) {
    case "file":
      return describeFile(part);
    case "shell": {
      const [first = "", ...others] = linesOf(part.line);
      return { heading: `$ ${first}`, body: others.map(plain), isFolded: true };
    }
    case "address":
      return { heading: `host: ${part.host}`, body: [plain(part.url)] };
    case "text": {
      const lines = linesOf(part.text);
      if (lines.length <= 1 && part.text.length <= mostArgumentCharacters && !part.title.includes(" ")) return null;
      return { heading: `${part.title}, ${counted(lines.length, "line")}:`, body: lines.map(plain) };
    }
  }
}

const plain = (text: string): ChangedLine => ({ text, colour: null });

async function describeFile({ path, before, after }: Extract<PreviewPart, { kind: "file" }>): Promise<Described> {
  const heading = `${path}: ${whatHappens(before, after)}`;
  const texts = [before, after].map((content) => (content === null ? "" : content.text));
  const [old, now] = texts as [string | null, string | null];
  // Of what cannot be shown the sizes say enough; what comes is shown all the same.
  if (old === null || now === null) return { heading, body: now === null ? [] : await changedLines("", now) };
  return { heading, body: old === now ? [] : await changedLines(old, now) };
}

function whatHappens(before: FileContent | null, after: FileContent | null): string {
  if (before === null) return after === null ? "there is no such file" : `new file${contentText(after, ", ")}`;
  if (after === null) return `deletes ${contentText(before)}`;
  if (before.text !== null && before.text === after.text) return `stays as it is, ${contentText(before)}`;
  const isAddition =
    before.text === null || after.text === null
      ? after.bytes !== null && after.text === null && after.bytes > (before.bytes ?? 0)
      : after.text.startsWith(before.text) && before.text !== "";
  if (isAddition && after.bytes !== null && before.bytes !== null)
    return `adds ${sizeText(after.bytes - before.bytes)} to ${contentText(before)}`;
  return `replaces ${contentText(before)}${contentText(after, " with ")}`;
}

/** `28 bytes in 2 lines`; "" where nothing is known. */
function contentText({ bytes, text }: FileContent, lead = ""): string {
  if (bytes === null) return "";
  const lines = text === null ? null : counted(linesOf(text).length, "line");
  if (lead === ", ") return `${lead}${lines ?? "no text"} (${sizeText(bytes)})`;
  return `${lead}${sizeText(bytes)}${lines === null ? "" : ` (${lines})`}`;
}
