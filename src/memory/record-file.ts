import { randomUUID } from "node:crypto";
import { open, readdir, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SettingsError } from "../errors.js";
import { DamagedLineError, openJsonLines, visitJsonLines, wholeLines } from "../storage/json-lines.js";
import { withLock } from "../storage/with-lock.js";
import { isLaterFormat, readHeader, readRecord, recordLine, type Header, type StoredRecord } from "./record-line.js";
import { repairRecordFile } from "./repair-record-file.js";

/** What a file held when it was last read. */
type State = { header: Header | null; records: StoredRecord[]; offset: number; line: number; seen: string };

const emptyState = (): State => ({ header: null, records: [], offset: 0, line: 1, seen: "" });

/** The records of one AI in one file, which several processes may add to. */
export interface RecordFile {
  readonly header: Header | null;
  /** All records there are now, those that other processes have added included. Do not change the list. */
  records(): Promise<readonly StoredRecord[]>;
  append(record: StoredRecord): Promise<void>;
  clear(): Promise<void>;
}

/**
 * Opens a record file, which need not exist; it is read at first use. A torn last line is cut off; of a damaged file a
 * copy is kept, said through `warn`. Throws SettingsError, now or later, for a file of another embedding model.
 */
export async function openRecordFile(
  file: string,
  embeddingModel: string,
  warn: (message: string) => void,
): Promise<RecordFile> {
  let state = emptyState();
  const lock = lockOf(file);
  await refuseOther(file, embeddingModel);

  const refresh = async (): Promise<void> => {
    if (state.seen !== "" && state.seen === (await fingerprint(file))) return;
    await withLock(lock, readAgain);
  };
  const readAgain = async (): Promise<void> => {
    await refuseOther(file, embeddingModel);
    const before = state;
    // Where reading fails half-way, the next one begins anew.
    state = emptyState();
    state = await readOn(file, before, warn);
  };

  return {
    get header() {
      return state.header;
    },
    async records() {
      await refresh();
      return state.records;
    },
    append: (record) =>
      withLock(lock, async () => {
        await readAgain();
        appendRecord(file, state.header, record, embeddingModel);
      }),
    async clear() {
      await clearRecords(file);
      state = emptyState();
    },
  };
}

function appendRecord(file: string, header: Header | null, record: StoredRecord, embeddingModel: string): void {
  const dimension = record.vectors[0]?.length ?? 0;
  if (header !== null && header.dimension !== dimension) throw otherDimension(file, header, dimension);
  const lines = openJsonLines(file);
  try {
    if (header === null) lines.append({ format: 1, id: randomUUID(), embeddingModel, dimension } satisfies Header);
    lines.append(recordLine(record));
  } finally {
    lines.close();
  }
}

/** Vectors of different lengths cannot be compared. */
export const otherDimension = (file: string, header: Header, dimension: number): SettingsError =>
  new SettingsError(
    `The memory ${file} holds vectors of ${header.dimension} numbers, and ` +
      `${header.embeddingModel} now gives ${dimension}. ` +
      "Use the server that it was made with, or start over with --wipe-memory.",
  );

/** The whole state of a file, read on from where the last reading ended. Called with the lock held. */
async function readOn(file: string, before: State, warn: (message: string) => void): Promise<State> {
  if ((await fingerprint(file)) === "") return emptyState();
  const first = readHeader(await firstLine(file));
  const state = first !== null && first.id === before.header?.id ? { ...before } : emptyState();
  try {
    const { validBytes, torn } = await visitJsonLines(file, (value, line) => visit(file, state, value, line), {
      offset: state.offset,
      line: state.line,
    });
    if (torn) await cutTornLine(file, validBytes, state.line);
    return { ...state, offset: validBytes, seen: await fingerprint(file) };
  } catch (error) {
    if (!(error instanceof DamagedLineError)) throw error;
    warn(await repairRecordFile(file, error.line));
    return readOn(file, emptyState(), warn);
  }
}

/** With the lock held nobody is writing: who wrote a torn line is dead. What is no beginning of a line is damage. */
async function cutTornLine(file: string, validBytes: number, line: number): Promise<void> {
  const tail = Buffer.alloc(8);
  const handle = await open(file, "r+");
  try {
    const { bytesRead } = await handle.read(tail, 0, tail.length, validBytes);
    const begins = tail.toString("latin1", 0, bytesRead);
    const isOurs = ['{"text":', '{"format":'].some((start) => start.startsWith(begins));
    if (!isOurs || (await hasNewline(file, validBytes))) throw new DamagedLineError(file, line);
    await handle.truncate(validBytes);
  } finally {
    await handle.close();
  }
}

async function hasNewline(file: string, offset: number): Promise<boolean> {
  for await (const _line of wholeLines(file, offset)) return true;
  return false;
}

function visit(file: string, state: State, value: unknown, line: number): void {
  state.line = line + 1;
  if (line === 1) {
    state.header = readHeader(value);
    if (state.header === null) throw new DamagedLineError(file, line);
    return;
  }
  const record = state.header && readRecord(value, state.header.dimension);
  if (!record) throw new DamagedLineError(file, line);
  state.records.push(record);
}

async function refuseOther(file: string, embeddingModel: string): Promise<void> {
  const first = await firstLine(file);
  if (isLaterFormat(first)) {
    throw new SettingsError(
      `The memory ${file} was made by a later version of this program. Update it, or use --wipe-memory.`,
    );
  }
  const header = readHeader(first);
  if (header === null || header.embeddingModel === embeddingModel) return;
  throw new SettingsError(
    `The memory ${file} was made with ${header.embeddingModel}, and EMBEDDING_MODEL is now ${embeddingModel}; ` +
      "their vectors cannot be compared. " +
      `Set EMBEDDING_MODEL=${header.embeddingModel}, or start over with --wipe-memory.`,
  );
}

async function firstLine(file: string): Promise<unknown> {
  try {
    for await (const bytes of wholeLines(file)) return JSON.parse(bytes.toString("utf8")) as unknown;
    return null;
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return null;
    throw error;
  }
}

/** Changes whenever the file does; "" where there is none. */
async function fingerprint(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    if (isMissing(error)) return "";
    throw error;
  }
}

/** Removes the file, and the copies of damaged ones beside it, whatever they hold. */
export const clearRecords = (file: string): Promise<void> => withLock(lockOf(file), () => removeAll(file));

const lockOf = (file: string): string => join(dirname(file), "lock");

async function removeAll(file: string): Promise<void> {
  const folder = dirname(file);
  for (const name of await readdir(folder)) {
    if (name.startsWith(basename(file))) await unlink(join(folder, name));
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";
