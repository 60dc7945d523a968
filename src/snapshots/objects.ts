import { createHash, randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { sizeOf, syncFile } from "../base/files.js";
import { nullIfMissing } from "../base/system-error.js";
import { lineWithSum } from "../storage/line-sum.js";
import { openJsonLines, readJsonLines } from "../storage/json-lines.js";

/** The SHA-256 of bytes, in hexadecimal digits. */
export const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const indexLine = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  offset: z.int().min(0),
  length: z.int().min(0),
});
type Place = { pack: string; offset: number; length: number };

const indexEnding = ".index.jsonl";
const packEnding = ".pack";

/** Contents by their hash, each of them once. */
export interface Objects {
  has(hash: string): boolean;
  /** The bytes of this hash. Throws where they are not kept, or are no longer what they were. */
  get(hash: string): Promise<Buffer>;
  /** Keeps the bytes, unless a secret is in them, and returns their hash; on disk after `sync`. */
  put(bytes: Uint8Array): string;
  sync(): Promise<void>;
  close(): void;
}

/**
 * The contents that are kept in `folder`, in packs: a file with the bytes of many, one behind the other, and one beside it
 * that lists where each begins. What is added goes into the pack `name`, which no other process writes.
 */
export async function openObjects(
  folder: string,
  name: string,
  holdsSecret: (text: string) => boolean = () => false,
): Promise<Objects> {
  const places = await readPlaces(folder);
  let started: Pack | null = null;
  let synced = 0;
  return {
    has: (hash) => places.has(hash),
    async get(hash) {
      const place = places.get(hash);
      if (place === undefined) throw new Error(`The content ${hash.slice(0, 12)} is not kept any more.`);
      const bytes = await readPlace(join(folder, place.pack + packEnding), place);
      if (bytes !== null && hashOf(bytes) === hash) return bytes;
      throw new Error(`The content ${hash.slice(0, 12)} in ${join(folder, place.pack + packEnding)} is damaged.`);
    },
    put(bytes) {
      const hash = hashOf(bytes);
      if (places.has(hash) || holdsSecret(Buffer.from(bytes).toString("utf8"))) return hash;
      started ??= startPack(folder, name);
      places.set(hash, started.add(hash, bytes));
      return hash;
    },
    async sync() {
      if (started === null || synced === started.size()) return;
      const size = started.size();
      await Promise.all(filesOfPack(folder, started.name).map(syncFile));
      synced = size;
    },
    close() {
      started?.close();
      started = null;
    },
  };
}

/** A pack that is being written. */
type Pack = { name: string; size(): number; add(hash: string, bytes: Uint8Array): Place; close(): void };

/** Always a new pack: what a killed process left at the end of its own belongs to no content. */
function startPack(folder: string, owner: string): Pack {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = `${owner}-${Date.now().toString(36)}-${process.pid}-${randomBytes(2).toString("hex")}`;
  const pack = openSync(join(folder, name + packEnding), "ax", 0o600);
  const index = openJsonLines(join(folder, name + indexEnding));
  let size = 0;
  return {
    name,
    size: () => size,
    add(hash, bytes) {
      for (let written = 0; written < bytes.length;) written += writeSync(pack, bytes, written);
      const place = { offset: size, length: bytes.length };
      index.append(lineWithSum({ hash, ...place }));
      size += bytes.length;
      return { pack: name, ...place };
    },
    close() {
      closeSync(pack);
      index.close();
    },
  };
}

/** The names of the packs in a folder. */
export const packsIn = async (folder: string): Promise<string[]> =>
  ((await readdir(folder).catch(nullIfMissing)) ?? [])
    .filter((file) => file.endsWith(indexEnding))
    .map((file) => file.slice(0, -indexEnding.length));

/** The two files of a pack. */
export const filesOfPack = (folder: string, pack: string): string[] => [
  join(folder, pack + packEnding),
  join(folder, pack + indexEnding),
];

/**
 * Which contents a pack has, and where. A list that is damaged counts for what it has before that, and what it lists beyond the end
 * of its pack, which a power cut may have taken, is not there.
 */
export async function readPack(folder: string, pack: string): Promise<Map<string, Place>> {
  const { lines } = await readJsonLines(join(folder, pack + indexEnding)).catch(() => ({ lines: [] as unknown[] }));
  const size = await sizeOf(join(folder, pack + packEnding)).catch(() => 0);
  const places = new Map<string, Place>();
  for (const line of lines) {
    const { data } = indexLine.safeParse(line);
    if (data !== undefined && data.offset + data.length <= size)
      places.set(data.hash, { pack, offset: data.offset, length: data.length });
  }
  return places;
}

/** Writes those contents of a pack that are wanted into a new one; none where none is. They are on disk when this resolves. */
export async function copyPack(folder: string, pack: string, isWanted: (hash: string) => boolean): Promise<void> {
  const wanted = [...(await readPack(folder, pack))].filter(([hash]) => isWanted(hash));
  if (wanted.length === 0) return;
  const copy = startPack(folder, "kept");
  try {
    for (const [hash, place] of wanted) {
      const bytes = await readPlace(join(folder, pack + packEnding), place);
      if (bytes !== null) copy.add(hash, bytes);
    }
    for (const file of filesOfPack(folder, copy.name)) await syncFile(file);
  } finally {
    copy.close();
  }
}

async function readPlaces(folder: string): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const pack of await packsIn(folder))
    for (const [hash, place] of await readPack(folder, pack)) places.set(hash, place);
  return places;
}

/** Null where the pack is shorter than it should be. */
async function readPlace(file: string, { offset, length }: Place): Promise<Buffer | null> {
  const handle = await open(file, "r");
  try {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await handle.read(bytes, 0, length, offset);
    return bytesRead === length ? bytes : null;
  } finally {
    await handle.close();
  }
}
