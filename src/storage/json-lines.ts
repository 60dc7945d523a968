import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { holdsWholeLine, lookAtSum } from "./line-sum.js";
import { followHole, holeOfFile, parseLine, type SyncedLines } from "./lost-lines.js";
import { syncFolder } from "./sync-folder.js";

const newline = 0x0a;
/** How many bytes are read at a time: where lines are only found, and where they are parsed. */
const spanChunkBytes = 4 << 20;
const chunkBytes = 1 << 20;

/** Is given a line without its newline: `bytes` from `start` to before `end`. */
export type VisitSpan = (bytes: Buffer, start: number, end: number) => void;

/**
 * Calls `visit` for every whole line from byte `from` on that ends before byte `to`, in order and without decoding it. Reads
 * each byte once, except for a line that reaches from one chunk into the next. `bytes` is reused after `visit`.
 */
export async function visitLineSpans(handle: FileHandle, from: number, visit: VisitSpan, to = Infinity): Promise<void> {
  const size = Math.min((await handle.stat()).size, to);
  let chunk = Buffer.allocUnsafe(Math.min(spanChunkBytes, Math.max(0, size - from)));
  for (let offset = from; offset < size;) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, size - offset), offset);
    let start = 0;
    for (let end = lineEnd(chunk, start, bytesRead); end !== -1; end = lineEnd(chunk, start, bytesRead)) {
      visit(chunk, start, end);
      start = end + 1;
    }
    if (bytesRead === 0 || offset + bytesRead >= size) return;
    offset += start;
    if (start === 0) chunk = Buffer.allocUnsafe(chunk.length * 2);
  }
}

function lineEnd(chunk: Buffer, start: number, length: number): number {
  const at = start < length ? chunk.indexOf(newline, start) : -1;
  return at < length ? at : -1;
}

/** A line that is not as it was written: the file is damaged, not merely cut short. */
export class DamagedLineError extends Error {
  readonly file: string;
  readonly line: number;
  readonly problem: string;
  constructor(file: string, line: number, problem = "is not valid JSON", options?: ErrorOptions) {
    super(`${file}, line ${line}, ${problem}: the file is damaged. Restore it from a backup.`, options);
    this.name = "DamagedLineError";
    [this.file, this.line, this.problem] = [file, line, problem];
  }
}

/** What a DamagedLineError says of a line that does not fit its sum. */
export const wrongSum = "does not fit its checksum";

/** `validBytes` is where the whole lines end; `torn`: something follows that has to be cut off. */
export type JsonLinesEnd = { validBytes: number; torn: boolean };

/** All lines of a file, and where they end: see visitJsonLines. */
export async function readJsonLines<Line = unknown>(
  file: string,
  options: ReadLinesOptions = {},
): Promise<ReadLines<Line>> {
  const lines: Line[] = [];
  const places: LinePlace[] = [];
  const end = await visitJsonLines(
    file,
    (line, place) => {
      lines.push(line as Line);
      places.push(place);
    },
    options,
  );
  return { lines, places, ...end };
}

/**
 * Calls `visit` for each line of a file, in order, and tells where they end. A last line that was cut short is torn and left out: it lacks its newline, or
 * is not JSON in a file without sums, or holds the zeros that a power cut leaves. What editors leave, a byte order mark and blank lines, is passed over. Lines end at "\n" alone. What the lines
 * hold is for the caller to check. Throws DamagedLineError for any other line that is not JSON or
 * does not fit its sum, where those before it were visited, the system's error where the file cannot be read, and what `visit` throws. Takes time in proportion to the file's
 * size, however long its lines are, and holds no more of it than a line and a megabyte.
 */
export async function visitJsonLines(
  file: string,
  visit: (line: unknown, place: LinePlace) => void,
  { behind, ...synced }: ReadLinesOptions = {},
): Promise<VisitedLines> {
  let [offset, number, hasSums] = [behind?.bytes ?? 0, behind?.lines ?? 0, behind !== undefined];
  let bad: { line: number; offset: number; mayBeTorn: boolean; cause: unknown } | null = null;
  const hole = followHole(synced);
  for await (const whole of wholeLines(file, offset)) {
    if (bad && !hole.mayGoOn(whole)) break;
    offset += whole.length + 1;
    if (bad) continue;
    const bytes = number === 0 ? withoutMark(whole) : whole;
    number += 1;
    const parsed = isBlank(bytes) ? null : parseLine(bytes.toString("utf8"));
    const sum = lookAtSum(bytes);
    if (parsed?.ok === false) {
      const hasHole = bytes.includes(holeOfFile);
      bad = {
        ...{ line: number, offset: offset - whole.length - 1, cause: parsed.cause },
        mayBeTorn: hasHole || !(hasSums || sum === "wrong"),
      };
      hole.begin(hasHole);
    } else if (sum === "wrong") throw new DamagedLineError(file, number, wrongSum);
    else if (parsed !== null) visit(parsed.value, [offset - bytes.length - 1, bytes.length]);
    hasSums ||= sum === "right";
  }
  const handle = await open(file, "r");
  const tail = await readTail(handle, offset).finally(() => handle.close());
  if (bad && (!bad.mayBeTorn || (tail.length > 0 && !hole.isLost())))
    throw new DamagedLineError(file, bad.line, undefined, bad);
  if (bad === null && holdsWholeLine(beforeZeros(tail)))
    throw new DamagedLineError(file, number + 1, "has lost its end");
  const validBytes = bad?.offset ?? offset;
  const torn = bad !== null || tail.length > 0;
  return { count: number - (bad === null ? 0 : 1), validBytes, torn };
}

/** Where a line begins, in bytes, and how long it is without its newline. */
export type LinePlace = [at: number, length: number];

/** Where the lines end, and how many there are in all, blank ones too. */
export type VisitedLines = { count: number } & JsonLinesEnd;

/** The lines that are not blank, and where they stand. */
export type ReadLines<Line> = { lines: Line[]; places: LinePlace[] } & VisitedLines;

/** Where it is told which lines are synced, what follows a hole may be known to have been lost with it. */
export type ReadLinesOptions = SyncedLines & {
  /** What stands before it is known, and some of it has sums: so many bytes, which are so many lines. */
  behind?: { bytes: number; lines: number } | undefined;
};

/** What editors put in front of a text. */
const byteOrderMark = Buffer.from("\ufeff");
const withoutMark = (line: Buffer): Buffer =>
  line.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? line.subarray(byteOrderMark.length) : line;

/** What of a tail stands before the zeros of a power cut, which may begin anywhere, at a line's newline too, and be few only at the end. */
function beforeZeros(tail: Buffer): Buffer {
  const hole = tail.indexOf(holeOfFile);
  const before = hole === -1 ? tail : tail.subarray(0, hole);
  return before.subarray(0, before.findLastIndex((byte) => byte !== 0) + 1);
}

const isBlank = (line: Buffer): boolean => line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

/**
 * What follows the last newline that was read, which is at `from` - 1. Where another process has ended that line since
 * then, it is that line alone, without its newline.
 */
export async function readTail(handle: FileHandle, from: number): Promise<Buffer> {
  const tail = Buffer.alloc(Math.max(0, (await handle.stat()).size - from));
  const { bytesRead } = await handle.read(tail, 0, tail.length, from);
  const end = lineEnd(tail, 0, bytesRead);
  return tail.subarray(0, end === -1 ? bytesRead : end);
}

/** The bytes of each line from a byte on, without its newline; what follows the last newline is left out. They are valid until the next is asked for: one buffer for each chunk would add up to the file's size until it is collected. */
export async function* wholeLines(file: string, from = 0): AsyncGenerator<Buffer> {
  const handle = await open(file, "r");
  let pieces: Buffer[] = [];
  let position = from;
  const chunk = Buffer.allocUnsafe(chunkBytes);
  try {
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      let start = 0;
      for (let at = lineEnd(chunk, start, bytesRead); at !== -1; at = lineEnd(chunk, start, bytesRead)) {
        pieces.push(chunk.subarray(start, at));
        yield pieces.length === 1 ? chunk.subarray(start, at) : Buffer.concat(pieces);
        pieces = [];
        start = at + 1;
      }
      if (start < bytesRead) pieces.push(Buffer.from(chunk.subarray(start, bytesRead)));
    }
  } finally {
    await handle.close();
  }
}

export type AppendOptions = { cutAt?: number; mode?: number; derived?: boolean };

export interface JsonLines {
  /**
   * Adds one line: an object, or a text that is JSON already. With `sync` it is on disk when this returns. Where it fails, nothing of the line stays in the file, and the system's error (ENOSPC …) is thrown as it is.
   */
  append(line: object | string, options?: { sync?: boolean }): void;
  /** The same for several lines at once, each a text that is JSON already: all of them, or none. */
  appendAll(texts: readonly string[], options?: { sync?: boolean }): void;
  close(): void;
}

/**
 * Opens a file for appending, and creates it where it is missing. With `cutAt`, everything from that byte offset on is
 * cut off first (see `validBytes`). A file that is `derived` may be lost with a power cut. Only one process may write at a time: see takeLock.
 */
export function openJsonLines(file: string, options: AppendOptions = {}): JsonLines {
  const descriptor = openSync(file, "a", options.mode ?? 0o600);
  const { size } = fstatSync(descriptor);
  if (options.cutAt !== undefined && size > options.cutAt) ftruncateSync(descriptor, options.cutAt);
  if (size === 0 && options.derived !== true) syncFolder(dirname(file));
  let broken: Error | undefined;
  const appendAll: JsonLines["appendAll"] = (texts, { sync = false } = {}) => {
    if (broken !== undefined) throw broken;
    if (texts.length === 0) return;
    if (texts.some((text) => text.includes("\n"))) throw new TypeError("A JSON line cannot contain a newline.");
    appendBytes(descriptor, Buffer.from(`${texts.join("\n")}\n`), sync, (thrown) => (broken = thrown as Error));
  };
  return {
    appendAll,
    append: (line, options) => appendAll([typeof line === "string" ? line : JSON.stringify(line)], options),
    close: () => closeSync(descriptor),
  };
}

/**
 * Where the sync fails, the line is taken back as well: whoever called believes that it is not there. Where even that
 * fails, `giveUp` is told: behind a line that nobody knows of, nothing more may be written.
 */
function appendBytes(descriptor: number, bytes: Buffer, sync: boolean, giveUp: (thrown: unknown) => void): void {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(descriptor, bytes, written);
    if (sync) fdatasyncSync(descriptor);
  } catch (error) {
    if (written > 0) takeBack(descriptor, written, giveUp);
    throw error;
  }
}

function takeBack(descriptor: number, written: number, giveUp: (thrown: unknown) => void): void {
  try {
    ftruncateSync(descriptor, fstatSync(descriptor).size - written);
  } catch (thrown) {
    giveUp(thrown);
  }
}
