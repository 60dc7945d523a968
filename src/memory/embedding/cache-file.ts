import { createHash, randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { withLock } from "../../storage/lock.js";
import { isMissing } from "../../base/system-error.js";

/** The vectors of one model on disk, found by their texts; of a text only a hash is kept. */
export interface CacheFile {
  /** The vectors that are there, by text. */
  find(texts: readonly string[]): Promise<Map<string, Float32Array>>;
  /** Adds vectors of texts that have none; with `replace`, those of all texts, in place of what they had. */
  add(vectors: ReadonlyMap<string, Float32Array>, options?: { replace?: boolean }): Promise<void>;
}

/**
 * There are two files. The key file begins with 16 random bytes, new whenever it is begun anew, and the dimension; then
 * come the first 16 bytes of each text's SHA-256. The vector file has one row for each key: its numbers, then the
 * CRC-32 of key and numbers. Numbers have four bytes, little-endian.
 */
const keyBytes = 16;
const headerBytes = 16 + 4;
const numberBytes = 4;

/** The largest size of both files together; before it is exceeded, they are begun anew. */
const mostBytes = 2 ** 30;

type Files = { keys: string; vectors: string };
/** `rows` gives each key's row. A key whose vector was damaged is added once more; then its last row counts. */
type State = { id: string; dimension: number; count: number; rows: Map<string, number> };

const emptyState = (): State => ({ id: "", dimension: 0, count: 0, rows: new Map() });

/**
 * Opens `<path>.keys` and `<path>.vectors`, which need not exist. Several processes may add at once. What a killed
 * process left half-written is cut off, and a vector that fails its checksum counts as missing. All vectors have one
 * dimension: a vector of another one begins the files anew.
 */
export function openCacheFile(path: string, most = mostBytes): CacheFile {
  const files: Files = { keys: `${path}.keys`, vectors: `${path}.vectors` };
  let state = emptyState();
  const add = (vectors: ReadonlyMap<string, Float32Array>, dimension: number, replace: boolean): void => {
    const keys = openSync(files.keys, forWriting, mode);
    const rows = openSync(files.vectors, forWriting, mode);
    try {
      state = makeWhole({ keys, rows }, dimension, most - vectors.size * (keyBytes + vectorBytes(dimension)), state);
      const fresh = [...vectors]
        .map(([text, vector]) => ({ key: keyOf(text), vector }))
        .filter(({ key, vector }) => vector.length === dimension && (replace || !state.rows.has(key)));
      // The vectors come first: a key without its vector would be cut off, a vector without its key is overwritten.
      writeAt(
        rows,
        state.count * vectorBytes(dimension),
        fresh.map(({ key, vector }) => vectorRow(key, vector)),
      );
      writeAt(
        keys,
        keyAt(state.count),
        fresh.map(({ key }) => Buffer.from(key, "latin1")),
      );
      for (const { key } of fresh) state.rows.set(key, state.count++);
    } finally {
      closeSync(keys);
      closeSync(rows);
    }
  };
  return {
    async find(texts) {
      state = reading(files.keys, (keys) => keysIn(keys, state)) ?? emptyState();
      const wanted = texts.filter((text) => state.rows.has(keyOf(text)));
      return wanted.length === 0 ? new Map() : readVectors(files.vectors, state, wanted);
    },
    async add(vectors, { replace = false } = {}) {
      const dimension = [...vectors.values()][0]?.length ?? 0;
      if (dimension === 0) return;
      await inFolder(dirname(path), () => withLock(`${path}.lock`, async () => add(vectors, dimension, replace)));
    },
  };
}

/** Does the work, and once more in a new folder where there is none. */
async function inFolder(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await work();
  }
}

const mode = 0o600;
const forWriting = constants.O_RDWR | constants.O_CREAT;
const sizeOf = (descriptor: number): number => fstatSync(descriptor).size;

/** Makes the files, which are open, have this dimension and equally many whole rows; gives what is in them. Called with the lock held. */
function makeWhole(
  { keys, rows }: { keys: number; rows: number },
  dimension: number,
  most: number,
  known: State,
): State {
  const { id, dimension: before } = headerOf(keys);
  const [keySize, vectorSize] = [sizeOf(keys), sizeOf(rows)];
  if (id === "" || before !== dimension || keySize + vectorSize > most) {
    const header = Buffer.alloc(headerBytes);
    randomBytes(headerBytes - numberBytes).copy(header);
    header.writeUInt32LE(dimension, headerBytes - numberBytes);
    ftruncateSync(rows, 0);
    ftruncateSync(keys, 0);
    writeAt(keys, 0, [header]);
    return keysIn(keys, emptyState());
  }
  const whole = Math.floor(Math.min((keySize - headerBytes) / keyBytes, vectorSize / vectorBytes(dimension)));
  if (keySize > keyAt(whole)) ftruncateSync(keys, keyAt(whole));
  if (vectorSize > whole * vectorBytes(dimension)) ftruncateSync(rows, whole * vectorBytes(dimension));
  // Keys that were known may have been without their vectors.
  for (const [key, row] of known.count > whole ? known.rows : []) if (row >= whole) known.rows.delete(key);
  known.count = Math.min(known.count, whole);
  return keysIn(keys, known, keyAt(whole));
}

/** What the key file has; only what is new since `known` is read, or all of it where the file was begun anew. */
function keysIn(keys: number, known: State, size = sizeOf(keys)): State {
  const { id, dimension } = headerOf(keys);
  if (id === "") return emptyState();
  const state = id === known.id ? known : { ...emptyState(), id, dimension };
  const from = keyAt(state.count);
  if (from >= size) return state;
  const bytes = readAt(keys, from, size - from);
  for (let at = 0; at + keyBytes <= bytes.length; at += keyBytes) {
    state.rows.set(bytes.toString("latin1", at, at + keyBytes), state.count);
    state.count += 1;
  }
  return state;
}

const noHeader = { id: "", dimension: 0 };

function headerOf(descriptor: number): typeof noHeader {
  const header = readAt(descriptor, 0, headerBytes);
  if (header.length !== headerBytes) return noHeader;
  return { id: header.toString("hex", 0, 16), dimension: header.readUInt32LE(headerBytes - numberBytes) };
}

function readVectors(file: string, { dimension, rows }: State, texts: readonly string[]): Map<string, Float32Array> {
  const found = new Map<string, Float32Array>();
  const length = vectorBytes(dimension);
  reading(file, (descriptor) => {
    for (const text of texts) {
      const key = keyOf(text);
      const row = readAt(descriptor, (rows.get(key) ?? 0) * length, length);
      const vector = row.length === length ? vectorOf(key, row, dimension) : null;
      if (vector === null) rows.delete(key);
      else found.set(text, vector);
    }
  });
  return found;
}

function vectorOf(key: string, row: Buffer, dimension: number): Float32Array | null {
  const numbers = row.subarray(0, dimension * numberBytes);
  if (row.readUInt32LE(numbers.length) !== checkSum(key, numbers)) return null;
  return new Float32Array(new Uint8Array(numbers).buffer);
}

function vectorRow(key: string, vector: Float32Array): Buffer {
  const numbers = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  const sum = Buffer.alloc(numberBytes);
  sum.writeUInt32LE(checkSum(key, numbers));
  return Buffer.concat([numbers, sum]);
}

const checkSum = (key: string, numbers: Buffer): number => crc32(numbers, crc32(Buffer.from(key, "latin1")));

/** Where the key of a row begins. */
const keyAt = (row: number): number => headerBytes + row * keyBytes;

const vectorBytes = (dimension: number): number => (dimension + 1) * numberBytes;

const keyOf = (text: string): string => createHash("sha256").update(text).digest().toString("latin1", 0, keyBytes);

/** What `read` gives for the open file; null where there is no such file. */
function reading<Result>(file: string, read: (descriptor: number) => Result): Result | null {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw thrown;
  }
  try {
    return read(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** At most so many bytes, as far as they are there. */
function readAt(descriptor: number, position: number, most: number): Buffer {
  const bytes = Buffer.alloc(most);
  let filled = 0;
  while (filled < bytes.length) {
    const more = readSync(descriptor, bytes, filled, bytes.length - filled, position + filled);
    if (more === 0) break;
    filled += more;
  }
  return bytes.subarray(0, filled);
}

function writeAt(descriptor: number, position: number, pieces: readonly Buffer[]): void {
  const bytes = Buffer.concat(pieces);
  for (let written = 0; written < bytes.length;)
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
}
