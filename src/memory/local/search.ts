import { optimiseHotCode } from "../../base/process/hot-code.js";
import type { MemoryRecord, RecallOptions, Recalled, StoredRecord } from "../memory.js";
import { isLeftOut } from "../record-store.js";
import type { Scored } from "../vectors/best-few.js";
import { createCompressedRows } from "./vectors/compressed-rows.js";
import { countedPlaces, joinByRanks } from "../vectors/join-ranks.js";
import { vectorsPath } from "./files.js";
import { createKeptRows, type KeptRows } from "./vectors/kept-rows.js";
import { nearestRecords } from "./vectors/nearest.js";
import { createSharedScoring } from "./vectors/shared-scoring.js";
import type { VectorsFile } from "./vectors/vectors-file.js";
import { fileOf, plainBatches, type Contents, type readRecords } from "./contents.js";
import { createRecordReader } from "./kept-records.js";
import type { RecordIndex } from "./record-index.js";
import type { Header } from "./record-line.js";
import { createKnownSources, type KnownSources } from "./known-sources.js";
import { createKeptWords } from "./words/kept-words.js";

/**
 * The best `count` records, without those that `unless` names and with no text twice. `find` gives the best of all
 * records, or of those that are not known to be left out, and fewer than asked for only where there are no more; it is asked for more
 * as long as too many are left out.
 */
function recallRecords(
  find: (count: number) => Scored<number>[],
  readRecords: (numbers: readonly number[]) => MemoryRecord[],
  isKnownToBeLeftOut: (number: number) => boolean,
  { count, unless }: RecallOptions,
): Recalled[] {
  const isShown = ({ source }: MemoryRecord): boolean => isLeftOut(source, unless);
  const known = new Map<number, MemoryRecord>();
  for (let wanted = count; ; wanted *= 4) {
    const found = find(wanted);
    const unread: number[] = [];
    for (const { item } of found) if (!known.has(item) && !isKnownToBeLeftOut(item)) unread.push(item);
    const read = readRecords(unread);
    for (let place = 0; place < unread.length; place += 1)
      known.set(unread[place] as number, read[place] as MemoryRecord);
    const texts = new Set<string>();
    const recalled: Recalled[] = [];
    for (const { item, score } of found) {
      const record = known.get(item);
      if (record === undefined || isShown(record) || texts.has(record.text)) continue;
      const { id, text, source, time } = record;
      texts.add(text);
      recalled.push({ id, text, source, time, score });
      if (recalled.length === count) return recalled;
    }
    if (found.length < wanted) return recalled;
  }
}

/** Searches the records of a folder. What it builds for that is kept, and extended where records were added. */
export interface LocalSearch {
  /** Is told of the folder before it is asked: where the memory is large, another thread is started that helps. */
  prepare(folder: string): void;
  nearest(contents: Contents, query: Float32Array, options: RecallOptions): Promise<Recalled[]>;
  byWords(contents: Contents, query: string, options: RecallOptions): Promise<Recalled[]>;
  /** By vectors and by words, joined (see joinByRanks). */
  byBoth(
    contents: Contents,
    query: { vector: Float32Array; words: string },
    options: RecallOptions,
  ): Promise<Recalled[]>;
  /** Is told of records that were just added: neither they nor their vectors need be read again. */
  added(contents: Contents, records: readonly StoredRecord[]): void;
  /** Keeps on disk what a search by words needs of the records that are there. */
  keepWords(contents: Contents): Promise<void>;
  idsAmong(contents: Contents, ids: readonly string[]): Set<string>;
  /**
   * Whether that id is there; always false until idsAmong was called. Ids are read only for an import: all others are
   * random and new.
   */
  isKnown(contents: Contents, id: string): boolean;
  /** Ends the other thread. */
  close(): Promise<void>;
}

export function createLocalSearch(): LocalSearch {
  const shared = createSharedScoring();
  const compressed = createCompressedRows({ shared });
  const rows = createKeptRows();
  const words = createKeptWords();
  const ids = keptIds();
  const sources = createKnownSources();
  const read = readNoting(sources);
  let looksUpIds = false;
  const nearest: LocalSearch["nearest"] = async (contents, query, options) => {
    const { folder, header, index } = contents;
    if (header === null) return [];
    optimiseHotCode();
    const { sums, generation, nextRow: count } = index;
    const stored = { folder, header, count, sums, generation, visit: rows.visit };
    const bounds = await compressed.upperBounds(stored, query);
    const file = fileOfVectors(folder, header, index);
    const leftOut = sources.leftOut(contents, options.unless);
    const find = nearestRecords(file, index, bounds, query, leftOut, rows.visit);
    return recallRecords(find, (numbers) => read(contents, numbers), leftOut, options);
  };
  const byWords: LocalSearch["byWords"] = async (contents, query, options) => {
    optimiseHotCode();
    const find = await words.rank(contents, query);
    const leftOut = sources.leftOut(contents, options.unless);
    return recallRecords(find, (numbers) => read(contents, numbers), leftOut, options);
  };
  return {
    prepare: shared.prepare,
    nearest,
    byWords,
    async byBoth(contents, query, { count, unless }) {
      const asked = { ...(unless && { unless }), count: countedPlaces + 1 };
      const found = await byWords(contents, query.words, asked);
      const near = await nearest(contents, query.vector, { ...asked, count: Math.max(count, asked.count) });
      return joinByRanks(near, found, ({ text }) => text).slice(0, count);
    },
    added: (contents, records) => noteAdded(contents, records, sources, rows),
    keepWords: (contents) => words.load(contents),
    idsAmong(contents, wanted) {
      looksUpIds = true;
      const known = ids(contents);
      return new Set(wanted.filter((id) => known.has(id)));
    },
    isKnown: (contents, id) => looksUpIds && ids(contents).has(id),
    close: shared.close,
  };
}

const fileOfVectors = (folder: string, { vectors, dimension }: Header, { sums }: RecordIndex): VectorsFile => ({
  path: vectorsPath(folder, vectors),
  dimension,
  sums,
});

function noteAdded(contents: Contents, records: readonly StoredRecord[], sources: KnownSources, rows: KeptRows): void {
  const { folder, header, index } = contents;
  if (header === null) return;
  const file = fileOfVectors(folder, header, index);
  const first = index.records - records.length;
  for (const [place, record] of records.entries()) {
    sources.note(contents, first + place, record);
    const row = index.firstRows[first + place] as number;
    for (const [behind, vector] of record.vectors.entries()) rows.note(file, row + behind, vector);
  }
}

/** Reads records, of which is then known where they come from. */
function readNoting(sources: KnownSources): typeof readRecords {
  const read = createRecordReader();
  return (contents, numbers) => {
    const records = read(contents, numbers);
    for (const [place, record] of records.entries()) sources.note(contents, numbers[place] as number, record);
    return records;
  };
}

const keptIds = (): ((contents: Contents) => Set<string>) =>
  kept(
    () => new Set<string>(),
    (known, { id }) => known.add(id),
  );

/** Something that is built from all records once, and extended by those that were added since. */
function kept<Thing>(
  create: () => Thing,
  add: (thing: Thing, record: MemoryRecord, number: number) => void,
): (contents: Contents) => Thing {
  let [file, thing, next] = ["", create(), 0];
  return (contents) => {
    const now = fileOf(contents);
    if (file !== now) [file, thing, next] = [now, create(), 0];
    for (const batch of plainBatches(contents, next)) for (const record of batch) add(thing, record, next++);
    return thing;
  };
}
