import { costText } from "../../console/text/words.js";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { messageOf, SettingsError } from "../../errors.js";
import { exportedLine, importedLine, isMemoryHeader } from "../../memory/exchange.js";
import type { ImportedRecord } from "../../memory/memory.js";
import { counted } from "../../base/text.js";
import { withOwnMemory, type SubcommandUse } from "./own-memory.js";
import type { Shown } from "./look.js";

export type ExportOptions = Shown & { file: string | undefined; vectors: boolean; write(line: string): Promise<void> };

/** `autogpt memory export [FILE]`: every record as a line of JSON, to standard output or a new file. */
export const exportMemory = (
  use: SubcommandUse,
  { json, file, vectors, write }: ExportOptions,
): Promise<string | null> =>
  withOwnMemory(use, { asItIs: true }, async ({ memory }) => {
    const handle = file === undefined ? null : await newFile(file, use.cwd);
    let exported = 0;
    try {
      for await (const record of memory.entries()) {
        const line = exportedLine(record, { withVectors: vectors });
        await (handle === null ? write(line) : handle.appendFile(`${line}\n`));
        exported += 1;
      }
    } finally {
      await handle?.close();
    }
    if (file === undefined) return null;
    return json ? JSON.stringify({ exported, file }) : `Exported ${counted(exported, "record")} to ${file}.`;
  });

/** Creates the file for its owner alone; one that is there is never overwritten. */
async function newFile(file: string, cwd: string) {
  try {
    return await open(resolve(cwd, file), "ax", 0o600);
  } catch (cause) {
    throw new SettingsError(`${file} cannot be made (${messageOf(cause)}). Name another file.`, { cause });
  }
}

/** `autogpt memory import FILE`: adds exported records; those that are there already are skipped. */
export const importMemory = (use: SubcommandUse, file: string, { json }: Shown): Promise<string> =>
  withOwnMemory(use, {}, async ({ memory, call, totals }) => {
    const { added, skipped } = await memory.import(recordsOf(file, use), call);
    const used = totals();
    const { embeddingTokens, costUsd } = used;
    if (json) return JSON.stringify({ added, skipped, embeddingTokens, costUsd });
    return `Added ${counted(added, "record")}, skipped ${skipped} that were there. Used ${counted(used.embeddingTokens, "token")}, ${costText(used)}.`;
  });

async function* recordsOf(file: string, { stdin, cwd }: SubcommandUse): AsyncGenerator<ImportedRecord> {
  let number = 0;
  let isOwnFile = false;
  for await (const line of linesOf(file === "-" ? stdin() : await opened(file, cwd))) {
    number += 1;
    isOwnFile ||= number === 1 && isMemoryHeader(line);
    if (line.trim() === "") continue;
    const record = importedLine(line);
    // The copy of a damaged memory: what can be read of it is what it was kept for.
    if (record === null && isOwnFile) continue;
    if (record === null) {
      throw new SettingsError(
        `${file}, line ${number}, is not an exported record. What came before it may have been added.`,
      );
    }
    yield record;
  }
}

/** The longest line: far above a record with its vectors, and below the longest string. */
const longestLine = 2 ** 28;

/** Lines end at "\n" alone: a text may hold other line separators. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest: string[] = [];
  let length = 0;
  for await (const chunk of stream.setEncoding("utf8")) {
    const [first = "", ...others] = String(chunk).split("\n");
    rest.push(first);
    length = others.at(-1)?.length ?? length + first.length;
    if (length > longestLine)
      throw new SettingsError(`A line is longer than ${longestLine} characters: that is not an exported record.`);
    for (const next of others) {
      yield rest.join("");
      rest = [next];
    }
  }
  yield rest.join("");
}

async function opened(file: string, cwd: string) {
  try {
    const handle = await open(resolve(cwd, file), "r");
    if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
    await handle.close();
    throw new Error("it is a folder");
  } catch (cause) {
    throw new SettingsError(`${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
