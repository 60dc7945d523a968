import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Call } from "../model/model.js";
import { bestFew } from "./best-few.js";
import { dotProduct, meanVector, unitVector } from "./cosine.js";
import { memoryFolder } from "./memory-folder.js";
import type { Embed, Memory, MemorySource, RecallOptions, Recalled } from "./memory.js";
import { cutText } from "./pieces.js";
import { clearRecords, openRecordFile, otherDimension, type RecordFile } from "./record-file.js";
import type { StoredRecord } from "./record-line.js";

export type LocalMemoryOptions = {
  /** Where the memories of all AIs lie. */
  directory: string;
  /** Memories of different indexes do not mix, even for one AI. */
  index: string;
  aiName: string;
  embed: Embed;
  embeddingModel: string;
  warn(message: string): void;
  /** Forgets everything before anything else is looked at. */
  wipe?: boolean;
};

/** At most 7,800 bytes of UTF-8, and no token is shorter than a byte: below the models' limit of 8,191 tokens. */
const pieceLength = 2600;
const pieceOverlap = 200;
/** One request takes at most 300,000 tokens. */
const piecesPerRequest = 32;
/** How many pieces of a long query are asked for: the last ones, which say what is wanted now. */
const queryPieces = 8;

/**
 * Remembers in a file of JSON lines, one for each AI name, and searches all of it by cosine. Several processes may use
 * one memory at once. Throws SettingsError when the memory was made with another embedding model.
 */
export async function openLocalMemory(options: LocalMemoryOptions): Promise<Memory> {
  const folder = memoryFolder(options.directory, options.index, options.aiName);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "records.jsonl");
  if (options.wipe) await clearRecords(path);
  const file = await openRecordFile(path, options.embeddingModel, options.warn);
  return {
    add: (text, source, call) => add(file, options.embed, text, source, call),
    recall: (query, recallOptions, call) => recall(path, file, options.embed, query, recallOptions, call),
    async stats() {
      const records = (await file.records()).length;
      const { embeddingModel = null, dimension = null } = file.header ?? {};
      return { backend: "local", records, embeddingModel, dimension };
    },
    clear: () => file.clear(),
    close: async () => {},
  };
}

/** The embedding comes before anything is written, so that a failed one leaves nothing behind. */
async function add(file: RecordFile, embed: Embed, text: string, source: MemorySource, call: Call): Promise<void> {
  if (text.trim() === "") return;
  const vectors = await embedPieces(embed, cutText(text, pieceLength, pieceOverlap), call);
  await file.append({ text, source, time: new Date().toISOString(), vectors: vectors.map(unitVector) });
}

async function recall(
  path: string,
  file: RecordFile,
  embed: Embed,
  query: string,
  { count, unless }: RecallOptions,
  call: Call,
): Promise<Recalled[]> {
  const isShown = ({ source }: StoredRecord): boolean =>
    unless !== undefined && source.run === unless.run && source.step >= unless.fromStep;
  const records = (await file.records()).filter((record) => !isShown(record));
  if (records.length === 0 || query.trim() === "") return [];

  const pieces = cutText(query, pieceLength, 0).slice(-queryPieces);
  const vectors = await embedPieces(embed, pieces, call);
  const target = meanVector(
    vectors.map(unitVector),
    pieces.map(({ length }) => length),
  );
  if (file.header && file.header.dimension !== target.length) throw otherDimension(path, file.header, target.length);
  const scoreOf = ({ vectors: stored }: StoredRecord): number =>
    Math.max(...stored.map((vector) => dotProduct(vector, target)));
  return bestFew(records, scoreOf, count).map(({ item, score }) => ({
    text: item.text,
    source: item.source,
    time: item.time,
    score,
  }));
}

async function embedPieces(embed: Embed, pieces: readonly string[], call: Call): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let from = 0; from < pieces.length; from += piecesPerRequest) {
    const asked = pieces.slice(from, from + piecesPerRequest);
    const got = await embed(asked, call);
    if (got.length !== asked.length) {
      throw new Error(`The embedding model was asked for ${asked.length} vectors and gave ${got.length}.`);
    }
    vectors.push(...got);
  }
  const dimension = vectors[0]?.length ?? 0;
  if (dimension === 0 || vectors.some((vector) => vector.length !== dimension || !vector.every(Number.isFinite))) {
    throw new Error("The embedding model gave vectors that are empty, of different lengths or not made of numbers.");
  }
  return vectors;
}
