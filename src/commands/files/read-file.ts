import * as z from "zod";
import { escapeLine } from "../../base/escape.js";
import { detectEncoding, type Encoding } from "../../base/encoding.js";
import type { OpenFile } from "../../workspace/entries.js";
import { defineCommand, type Fitting } from "../command.js";
import type { CommandResult } from "../../history/event-parts.js";
import { binaryKind } from "./binary-kind.js";
import { readPart, type TextPart } from "./text-part.js";
import { readLines } from "./text-lines.js";
import { counted, sizeText, wholeEnd } from "../../base/text.js";

/** How much of a file is looked at to tell its encoding and kind. */
const sampleBytes = 4 * 1024 * 1024;
/** How much text is read, to be cut to what fits into a result. */
const offeredCharacters = 200_000;

/**
 * Reads a text file, a large one in parts: `offset` counts characters (UTF-16 units) from 0, `from_line` and `lines` lines
 * from 1; with `numbers` each line has its number before it.
 */
export const readFile = defineCommand({
  name: "read_file",
  label: "Read file",
  args: z.object({
    file: z.string().describe("<file>"),
    offset: z.number().int().min(0).optional(),
    from_line: z.number().int().min(1).optional(),
    lines: z.number().int().min(1).optional(),
    numbers: z.boolean().optional(),
  }),
  effect: "reads",
  renames: { filename: "file" },
  foreign: ({ file }) => ({ kind: "file", from: file }),
  async run({ file, offset = 0, from_line: from, lines, numbers = false }, { workspace, fitting }) {
    const opened = await workspace.open(file);
    try {
      if (from === undefined && lines === undefined && !numbers) return await read(opened, offset, fitting);
      return await readByLine(opened, { from: from ?? 1, most: lines ?? Infinity, numbers }, fitting);
    } finally {
      await opened.close();
    }
  },
});

async function encodingOf(file: OpenFile): Promise<{ encoding: Encoding; kind: string | null }> {
  const sample = await file.read(0, Math.min(file.size, sampleBytes));
  const encoding = detectEncoding(sample, { cut: file.size > sample.length });
  return { encoding, kind: binaryKind(sample, encoding) };
}

const notText = ({ path, size }: OpenFile, kind: string): CommandResult =>
  failure(`${escapeLine(path)} is ${kind} (${sizeText(size)}), not text.`);

type Lines = { from: number; most: number; numbers: boolean };

async function readByLine(file: OpenFile, { from, most, numbers }: Lines, fitting: Fitting): Promise<CommandResult> {
  const { encoding, kind } = await encodingOf(file);
  if (kind !== null) return notText(file, kind);
  const { lines, total } = await readLines(file, encoding, { from, most, characters: offeredCharacters });
  if (lines.length === 0) {
    if (total === 0) return { ok: true, text: "The file is empty." };
    return failure(
      `line ${from} is beyond the end of ${escapeLine(file.path)}, which has ${counted(total ?? 0, "line")}.`,
    );
  }
  const shown = lines.map((line, index) => (numbers ? `${from + index}\t${line}` : line));
  for (;;) {
    const end = from + shown.length - 1;
    const next = end === total ? "this is the end of the file" : `read_file with "from_line": ${end + 1} goes on`;
    const text = `${shown.join("\n")}\n[Lines ${from} to ${end}${total === null ? "" : ` of ${total}`} are shown; ${next}.]`;
    if ((await fitting(text)) >= text.length) return { ok: true, text };
    if (shown.length === 1) return { ok: true, text: text.slice(0, wholeEnd(text, await fitting(text))) };
    shown.length = Math.max(1, Math.ceil(shown.length * 0.8) - 1);
  }
}

async function read(file: OpenFile, offset: number, fitting: Fitting): Promise<CommandResult> {
  const { encoding, kind } = await encodingOf(file);
  if (kind !== null) return notText(file, kind);

  const part = await readPart(file, encoding, offset, offeredCharacters);
  if (part.text === "" && offset > 0) {
    return failure(
      `offset ${offset} is beyond the end of ${escapeLine(file.path)}, which has ${part.total ?? 0} characters.`,
    );
  }
  if (part.text === "") return { ok: true, text: "The file is empty." };
  return { ok: true, text: await withNotes(part, file, encoding, fitting) };
}

const failure = (message: string): CommandResult => ({ ok: false, text: `Error: ${message}` });

async function withNotes(part: TextPart, file: OpenFile, encoding: Encoding, fitting: Fitting): Promise<string> {
  const readAs = encoding === "utf-8" ? "" : `\n[Read as ${encoding}, not UTF-8.]`;
  const all = part.text + readAs;
  if (part.start === 0 && part.text.length === part.total && (await fitting(all)) >= all.length) return all;

  const longest = positionNote(part, part.text.length - 1, file) + readAs;
  const room = Math.max(1, (await fitting(part.text + longest)) - longest.length);
  // One character is shown in any case, a surrogate pair too, so that reading on gets somewhere.
  const text = part.text.slice(0, wholeEnd(part.text, room) || 2);
  return text + positionNote(part, text.length, file) + readAs;
}

/** Says which characters are shown and how to see the next ones. */
function positionNote({ start, total }: TextPart, length: number, file: OpenFile): string {
  const end = start + length;
  const ofWhat = total === null ? `a file of ${sizeText(file.size)}` : String(total);
  const next = end === total ? "this is the end of the file" : `read_file with "offset": ${end} goes on`;
  return `\n[Characters ${start} to ${end - 1} of ${ofWhat} are shown; ${next}.]`;
}
