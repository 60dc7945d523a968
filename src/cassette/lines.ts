import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isObject, wellFormedJson } from "../base/json.js";
import { keepResults } from "../base/keeping/kept-results.js";
import { maskBytes, maskOfForeign, type StreamMask } from "../base/mask.js";
import { isMissing } from "../base/system-error.js";
import { sizeText } from "../base/text.js";
import { messageOf } from "../errors.js";
import { openJsonLines, type JsonLines } from "../storage/json-lines.js";
import { lineWithSum, textWithSum } from "../storage/line-sum.js";
import { partLine, type Encoding } from "./encode.js";
import { createItems } from "./items.js";
import { eventsBesideSecrets } from "./events-beside-secrets.js";
import type { CassetteLine, SessionLine } from "./format.js";
import { numberParts, type PartKind } from "./part-numbers.js";

export type LinesOptions = {
  file: string;
  session: Pick<SessionLine, "run" | "version" | "seq" | "time"> & {
    /** What a replay has to know besides. Called once the run has gone on. */
    about(): Readonly<Record<string, unknown>>;
  };
  mask: StreamMask;
  /** The most bytes that the file may have, of all sessions. */
  mostBytes: number;
  /** Says once that no more is recorded. */
  warn(text: string): void;
};

/** The lines of a cassette as they are written, and the parts that they name. */
export type Lines = Encoding & {
  /** The value without secrets. */
  masked<Value>(value: Value): Value;
  /** The data of events as one part, compressed as a whole. */
  events(events: readonly string[]): { $part: number };
  /** Makes and writes a line, once the run has gone on; in the order of the calls. */
  write(line: () => CassetteLine): void;
  /** Writes what is left, and closes the file. */
  close(): void;
};

/** Texts whose numbers are found without their JSON: what a memory recalls is for the most part what it recalled before. */
const recentTexts = { texts: 500, characters: 1_000_000 };

/** Opens the file behind its last whole line; a new session says each part anew. Never throws: what goes wrong is said once. */
export function openLines(options: LinesOptions): Lines {
  const { session, mask } = options;
  const masked = maskOfForeign(mask);
  const parts = numberParts();
  const objects = new WeakMap<object, number>();
  const sink = openSink(options);
  const part = (json: string, kind?: PartKind): number => {
    const known = parts.find(json);
    if (known !== undefined) return known;
    const id = parts.add(json, kind);
    const value: unknown = JSON.parse(json);
    const without = masked(value);
    sink.put(textWithSum(partLine(id, without === value ? json : JSON.stringify(without))));
    return id;
  };
  const object = (value: object, kind?: PartKind): number => {
    const id = objects.get(value) ?? part(wellFormedJson(value), kind);
    objects.set(value, id);
    return id;
  };
  const put = (line: CassetteLine): void => sink.put(lineWithSum(line));
  sink.later(() => put({ type: "session", format: 1, ...session, about: masked(session.about()) }));
  return {
    masked,
    part,
    text: keepResults((text) => part(wellFormedJson(text)), recentTexts),
    object: (value) => object(value),
    items: createItems((item) => (isObject(item) ? object(item, "item") : part(wellFormedJson(item)))),
    bytes: (bytes) => maskBytes(bytes, mask),
    events: (events) => ({ $part: part(JSON.stringify(eventsBesideSecrets(events, mask))) }),
    write: (line) => sink.later(() => put(line())),
    close: () => sink.close(),
  };
}

function doInTurn(works: readonly (() => void)[], { unless, then }: { unless(): boolean; then(): void }): void {
  try {
    for (const work of works) if (!unless()) work();
  } finally {
    then();
  }
}

/** The file. What is to be written is put off until the run has gone on, in its order. */
function openSink({ file, mostBytes, warn }: LinesOptions) {
  let [waiting, over]: [(() => void)[], boolean] = [[], false];
  let scheduled: NodeJS.Immediate | null = null;
  let open: OpenFile | null = null;
  const end = (): void => {
    over = true;
    open?.lines.close();
    open = null;
  };
  const stop = (why: string): void => {
    end();
    warn(`WARNING: ${why} The run goes on; it can be replayed up to here.`);
  };
  const flush = (): void => {
    if (scheduled !== null) clearImmediate(scheduled);
    scheduled = null;
    const works = waiting;
    waiting = [];
    try {
      // What was put before a piece of work that fails is written as well.
      doInTurn(works, { unless: () => over, then: () => write(open) });
    } catch (thrown) {
      stop(`${file} cannot be written any more: ${messageOf(thrown)}.`);
    }
  };
  return {
    /** Takes the text of a line, with its sum. */
    put(text: string): void {
      if (over) return;
      open ??= openFile(file);
      open.bytes += Buffer.byteLength(text) + 1;
      const isFull = open.bytes > mostBytes;
      open.unwritten.push(isFull ? lineWithSum({ type: "full", bytes: open.bytes }) : text);
      if (!isFull) return;
      write(open);
      stop(`${file} has reached CASSETTE_LIMIT (${sizeText(mostBytes)}).`);
    },
    later(work: () => void): void {
      if (over) return;
      waiting.push(work);
      scheduled ??= setImmediate(flush);
    },
    close(): void {
      flush();
      end();
    },
  };
}

/** With how many bytes it has once all is written. */
type OpenFile = { lines: JsonLines; bytes: number; unwritten: string[] };

function write(open: OpenFile | null): void {
  if (open === null || open.unwritten.length === 0) return;
  open.lines.appendAll(open.unwritten);
  open.unwritten = [];
}

function openFile(file: string): OpenFile {
  const bytes = wholeBytes(file);
  return { lines: openJsonLines(file, { cutAt: bytes, derived: true }), bytes, unwritten: [] };
}

const chunkBytes = 64 * 1024;

/** Where the whole lines of a file end: what follows was cut short when an earlier session was killed. */
function wholeBytes(file: string): number {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (thrown) {
    if (isMissing(thrown)) return 0;
    throw thrown;
  }
  try {
    const chunk = Buffer.alloc(chunkBytes);
    for (let end = fstatSync(descriptor).size; end > 0; end = Math.max(0, end - chunkBytes)) {
      const start = Math.max(0, end - chunkBytes);
      const read = readSync(descriptor, chunk, 0, end - start, start);
      const at = chunk.subarray(0, read).lastIndexOf(0x0a);
      if (at !== -1) return start + at + 1;
    }
    return 0;
  } finally {
    closeSync(descriptor);
  }
}
