import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, truncate, writeFile, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { withLock } from "../../storage/lock.js";
import { sizeOf } from "../../base/files.js";
import { nullIfMissing } from "../../base/system-error.js";

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
  return {
    async find(texts) {
      state = await readKeys(files.keys, state);
      const wanted = texts.filter((text) => state.rows.has(keyOf(text)));
      return wanted.length === 0 ? new Map() : readVectors(files.vectors, state, wanted);
    },
    async add(vectors, { replace = false } = {}) {
      const dimension = [...vectors.values()][0]?.length ?? 0;
      if (dimension === 0) return;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await withLock(`${path}.lock`, async () => {
        await makeWhole(files, dimension, most - vectors.size * (keyBytes + vectorBytes(dimension)));
        state = await readKeys(files.keys, state);
        const fresh = [...vectors].filter(
          ([text, vector]) => vector.length === dimension && (replace || !state.rows.has(keyOf(text))),
        );
        // The vectors come first: a key without its vector would be cut off, a vector without its key is overwritten.
        await writeFile(
          files.vectors,
          Buffer.concat(fresh.map(([text, vector]) => vectorRow(keyOf(text), vector))),
          append,
        );
        await writeFile(files.keys, Buffer.concat(fresh.map(([text]) => Buffer.from(keyOf(text), "latin1"))), append);
      });
    },
  };
}

const append = { flag: "a", mode: 0o600 } as const;

/** Makes the files have this dimension and equally many whole rows. Called with the lock held. */
async function makeWhole({ keys, vectors }: Files, dimension: number, most: number): Promise<void> {
  const { id, dimension: before } = await readHeader(keys);
  const [keySize, vectorSize] = [await sizeOf(keys), await sizeOf(vectors)];
  if (id === "" || before !== dimension || keySize + vectorSize > most) {
    const header = Buffer.alloc(headerBytes);
    randomBytes(headerBytes - numberBytes).copy(header);
    header.writeUInt32LE(dimension, headerBytes - numberBytes);
    await writeFile(vectors, "", { mode: 0o600 });
    await writeFile(keys, header, { mode: 0o600 });
    return;
  }
  const rows = Math.floor(Math.min((keySize - headerBytes) / keyBytes, vectorSize / vectorBytes(dimension)));
  if (keySize > headerBytes + rows * keyBytes) await truncate(keys, headerBytes + rows * keyBytes);
  if (vectorSize > rows * vectorBytes(dimension)) await truncate(vectors, rows * vectorBytes(dimension));
}

/** Reads the keys that are new since `known`; all of them where the file was begun anew. */
async function readKeys(file: string, known: State): Promise<State> {
  const { id, dimension } = await readHeader(file);
  if (id === "") return emptyState();
  const state = id === known.id ? known : { ...emptyState(), id, dimension };
  const from = headerBytes + state.count * keyBytes;
  const bytes = await reading(file, (handle) => readAt(handle, from, Infinity));
  for (let at = 0; at + keyBytes <= (bytes?.length ?? 0); at += keyBytes) {
    state.rows.set(bytes?.toString("latin1", at, at + keyBytes) ?? "", state.count);
    state.count += 1;
  }
  return state;
}

async function readHeader(file: string): Promise<{ id: string; dimension: number }> {
  const header = await reading(file, (handle) => readAt(handle, 0, headerBytes));
  if (header?.length !== headerBytes) return { id: "", dimension: 0 };
  return { id: header.toString("hex", 0, 16), dimension: header.readUInt32LE(headerBytes - numberBytes) };
}

async function readVectors(file: string, { dimension, rows }: State, texts: readonly string[]) {
  const found = new Map<string, Float32Array>();
  const length = vectorBytes(dimension);
  await reading(file, async (handle) => {
    for (const text of texts) {
      const key = keyOf(text);
      const row = await readAt(handle, (rows.get(key) ?? 0) * length, length);
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
  return Float32Array.from({ length: dimension }, (_, index) => numbers.readFloatLE(index * numberBytes));
}

function vectorRow(key: string, vector: Float32Array): Buffer {
  const row = Buffer.alloc(vectorBytes(vector.length));
  vector.forEach((value, index) => row.writeFloatLE(value, index * numberBytes));
  row.writeUInt32LE(checkSum(key, row.subarray(0, vector.length * numberBytes)), vector.length * numberBytes);
  return row;
}

const checkSum = (key: string, numbers: Buffer): number => crc32(numbers, crc32(Buffer.from(key, "latin1")));

const vectorBytes = (dimension: number): number => (dimension + 1) * numberBytes;

const keyOf = (text: string): string => createHash("sha256").update(text).digest().toString("latin1", 0, keyBytes);

/** What `read` gives for the open file; null where there is no such file. */
async function reading<Result>(file: string, read: (handle: FileHandle) => Promise<Result>): Promise<Result | null> {
  const handle = await open(file, "r").catch(nullIfMissing);
  if (handle === null) return null;
  try {
    return await read(handle);
  } finally {
    await handle.close();
  }
}

async function readAt(handle: FileHandle, position: number, most: number): Promise<Buffer> {
  const { size } = await handle.stat();
  const bytes = Buffer.alloc(Math.max(0, Math.min(most, size - position)));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
