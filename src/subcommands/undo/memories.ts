import { open, readFile } from "node:fs/promises";
import { replaceFile } from "../../base/files.js";
import { nullIfMissing } from "../../base/system-error.js";
import { messageForPerson } from "../../errors.js";
import { isMemoryBackend } from "../../memory/backends.js";
import { exportedLine, importedLine } from "../../memory/exchange.js";
import type { ImportedRecord, StoredRecord } from "../../memory/memory.js";
import type { KeptRun } from "../../compose/kept-run.js";
import { forgottenFile } from "../../snapshots/log.js";
import { withOwnMemory, type OwnMemoryOptions, type SubcommandUse } from "../memory/own-memory.js";

/** What became of a run's memories: how many records are forgotten, or are back. */
export type Memories = { forgotten: number; broughtBack: number };
export const untouched: Memories = { forgotten: 0, broughtBack: 0 };

/**
 * Forgets what the run remembered in these steps, which did not happen any more; the records lie beside its snapshots from then
 * on. A memory that cannot be opened does not undo the undoing: it is said, and nothing is forgotten.
 */
export function forgetSteps(use: SubcommandUse, kept: KeptRun, steps: ReadonlySet<number>): Promise<Memories> {
  const { run, recorded } = kept;
  if (steps.size === 0 || ![...steps].some((step) => recorded.remembered.has(step))) return Promise.resolve(untouched);
  return orWarn(use, "what was remembered in the steps that are undone is not forgotten", () =>
    withMemoryOf(use, kept, { asItIs: true }, async ({ memory }) => {
      const records: StoredRecord[] = [];
      for await (const record of memory.entries())
        if (record.source.run === run && steps.has(record.source.step)) records.push(record);
      if (records.length === 0) return untouched;
      await keepForgotten(forgottenFile(use.loaded.settings.home, run), records);
      return { ...untouched, forgotten: await memory.forget({ ids: records.map(({ id }) => id) }) };
    }),
  );
}

/** Brings back what was remembered in these steps, as it was, where an undo has forgotten it. */
export async function bringBackSteps(use: SubcommandUse, kept: KeptRun, steps: ReadonlySet<number>): Promise<Memories> {
  const file = forgottenFile(use.loaded.settings.home, kept.run);
  const lines = (await readFile(file, "utf8").catch(nullIfMissing))?.split("\n") ?? [];
  const isOf = (record: ImportedRecord | null): record is ImportedRecord =>
    record !== null && record.source.run === kept.run && steps.has(record.source.step);
  const records = new Map(
    lines
      .map(importedLine)
      .filter(isOf)
      .map((record) => [record.id, record]),
  );
  const [first] = records.values();
  if (first === undefined) return untouched;
  const { embeddingModel: model, vectors = [] } = first;
  // Even where nothing else is remembered by now, they go on with what they were made with, and nothing is asked for.
  const like =
    model === undefined ? {} : { like: { where: file, embeddingModel: model, dimension: vectors[0]?.length ?? 0 } };
  return orWarn(use, "what was remembered in the steps that are put back is still forgotten", () =>
    withMemoryOf(use, kept, { asItIs: true, ...like }, async ({ memory, call }) => {
      const { added } = await memory.import(inTurn([...records.values()]), call);
      const others = lines.filter((line) => line !== "" && !isOf(importedLine(line)));
      await replaceFile(file, others.map((line) => `${line}\n`).join(""));
      return { ...untouched, broughtBack: added };
    }),
  );
}

async function* inTurn(records: readonly ImportedRecord[]): AsyncGenerator<ImportedRecord> {
  yield* records;
}

/** On disk before any of them is forgotten. */
async function keepForgotten(file: string, records: readonly StoredRecord[]): Promise<void> {
  const handle = await open(file, "a", 0o600);
  try {
    for (const record of records) await handle.appendFile(`${exportedLine(record, { withVectors: true })}\n`);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** The memory in which the run remembered; that of another AI may be the one of the settings. Nothing where it had none. */
async function withMemoryOf(
  use: SubcommandUse,
  { recorded: { start } }: KeptRun,
  options: OwnMemoryOptions,
  work: Parameters<typeof withOwnMemory<Memories>>[2],
): Promise<Memories> {
  const { memory, aiName } = start;
  if (!isMemoryBackend(memory) || memory === "no_memory") return untouched;
  const loaded = { ...use.loaded, settings: { ...use.loaded.settings, memoryBackend: memory, aiName } };
  return withOwnMemory({ ...use, loaded }, options, work);
}

async function orWarn(use: SubcommandUse, problem: string, work: () => Promise<Memories>): Promise<Memories> {
  try {
    return await work();
  } catch (thrown) {
    use.note(`WARNING: The files are as they were, but ${problem}: ${messageForPerson(thrown)}`);
    return untouched;
  }
}
