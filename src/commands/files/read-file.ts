import * as z from "zod";
import { detectEncoding, type Encoding } from "../../base/encoding.js";
import type { OpenFile } from "../../workspace/entries.js";
import { defineCommand } from "../command.js";
import type { CommandResult } from "../../history/event-parts.js";
import { binaryKind } from "./binary-kind.js";
import { readPart, type TextPart } from "./text-part.js";
import { sizeText, wholeEnd } from "../../base/text.js";

/** How much of a file is looked at to tell its encoding and kind. */
const sampleBytes = 4 * 1024 * 1024;
/** How much text is read, to be cut to what fits into a result. */
const offeredCharacters = 200_000;

/** Reads a text file, a large one in parts: `offset` counts characters (UTF-16 units) from 0. */
export const readFile = defineCommand({
  name: "read_file",
  label: "Read file",
  args: z.object({ file: z.string().describe("<file>"), offset: z.number().int().min(0).optional() }),
  effect: "reads",
  renames: { filename: "file" },
  async run({ file, offset = 0 }, { workspace, fitting }) {
    const opened = await workspace.open(file);
    try {
      return await read(opened, offset, fitting);
    } finally {
      await opened.close();
    }
  },
});

async function read(file: OpenFile, offset: number, fitting: (text: string) => number): Promise<CommandResult> {
  const sample = await file.read(0, Math.min(file.size, sampleBytes));
  const encoding = detectEncoding(sample, { cut: file.size > sample.length });
  const kind = binaryKind(sample, encoding);
  if (kind !== null) return failure(`${file.path} is ${kind} (${sizeText(file.size)}), not text.`);

  const part = await readPart(file, encoding, offset, offeredCharacters);
  if (part.text === "" && offset > 0) {
    return failure(`offset ${offset} is beyond the end of ${file.path}, which has ${part.total ?? 0} characters.`);
  }
  if (part.text === "") return { ok: true, text: "The file is empty." };
  return { ok: true, text: withNotes(part, file, encoding, fitting) };
}

const failure = (message: string): CommandResult => ({ ok: false, text: `Error: ${message}` });

function withNotes(part: TextPart, file: OpenFile, encoding: Encoding, fitting: (text: string) => number): string {
  const readAs = encoding === "utf-8" ? "" : `\n[Read as ${encoding}, not UTF-8.]`;
  const all = part.text + readAs;
  if (part.start === 0 && part.text.length === part.total && fitting(all) >= all.length) return all;

  const longest = positionNote(part, part.text.length - 1, file) + readAs;
  const room = Math.max(1, fitting(part.text + longest) - longest.length);
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
