import { createHash, randomUUID } from "node:crypto";
import { untilAborted } from "../base/abort.js";
import type { Call } from "../model/model.js";
import { embedQuery, embedRecords } from "./embedding/embed-pieces.js";
import { isAlsoByWords } from "./embedding/offline.js";
import { dimensionMismatch } from "./embedding/mismatch.js";
import { withRecentVectors } from "./embedding/recent.js";
import { importedBatches, usable, withVectors } from "./exchange.js";
import type {
  ForgetFilter,
  MemoryRecord,
  ChooseEmbedding,
  Embedding,
  MadeWith,
  MemoryOptions,
  MemorySource,
  MemoryUpkeep,
  NewRecord,
  NextTexts,
  OpenedMemory,
  RecallOptions,
  Recalled,
  StoredRecord,
} from "./memory.js";
import { StoreDownError, type Query, type RecordStore } from "./record-store.js";
import { tapedStore } from "./taped-store.js";

/** Whether no field of the filter is given. */
const isNoFilter = (filter: ForgetFilter): boolean => Object.values(filter).every((value) => value === undefined);

/** Whether the filter selects a record. */
function isForgotten({ id, source, time }: MemoryRecord, filter: ForgetFilter): boolean {
  const { ids, run, kind, from, before, afterStep } = filter;
  return (
    (ids === undefined || ids.includes(id)) &&
    (run === undefined || source.run === run) &&
    (kind === undefined || source.kind === kind) &&
    (afterStep === undefined || source.step > afterStep) &&
    (from === undefined || source.from === from) &&
    (before === undefined || Date.parse(time) < Date.parse(before))
  );
}

/** The embedding in use, if chosen yet, and what the memory was made with when the store was last asked. */
type Chosen = {
  store: RecordStore;
  choose: ChooseEmbedding;
  embedding: Embedding | null;
  made: MadeWith | null;
};

/**
 * The memory whose records this store keeps; with `wipe` they are removed first. Throws SettingsError where they were
 * made with another model than the settings want.
 */
export async function openStoredMemory(
  given: RecordStore,
  { chooseEmbedding, wipe = false, tape = null }: Pick<MemoryOptions, "chooseEmbedding" | "wipe" | "tape">,
): Promise<OpenedMemory> {
  const store = tape ? tapedStore(given, tape) : given;
  if (wipe) await store.clear();
  const choose: ChooseEmbedding = async (...given) => rememberingLast(await chooseEmbedding(...given));
  const chosen: Chosen = { store, choose, embedding: null, made: await store.madeWith() };
  if (chosen.made !== null) chosen.embedding = await choose(chosen.made);
  return {
    async add(text, source, call, once) {
      const id = once === undefined ? undefined : onlyId(source);
      const isThere = id !== undefined && once === "perhaps-there" && (await holds(store, id));
      if (!isThere) await addMany(chosen, [{ text, source, ...(id !== undefined && { id }) }], call);
      return true;
    },
    addMany: (records, call) => addMany(chosen, records, call),
    recall: (query, options, call) => untilAborted(recall(chosen, query, options, call), call.signal),
    forget: (filter) =>
      isNoFilter(filter) ? Promise.resolve(0) : forget(store, (record) => isForgotten(record, filter)),
    async *entries() {
      for await (const batch of store.batches()) yield* batch;
    },
    import: (records, call) => importAll(chosen, records, call),
    reembed: (embedding, call, progress) => reembed(chosen, embedding, call, progress),
    stats: () => store.stats(),
    clear: () => store.clear(),
    close: () => store.close(),
  };
}

const rememberingLast = ({ model, embed }: Embedding): Embedding => ({
  model,
  embed: embed && withRecentVectors(embed),
});

/** The id of the one record of a run, step and kind, from which it follows: so it is never there twice. */
function onlyId({ run, step, kind }: MemorySource): string {
  // Those of steps are as they were before notes had one.
  const hash = createHash("sha256").update(kind === "step" ? `${run}\n${step}` : `${run}\n${step}\n${kind}`);
  // Of version 8 and variant 8, which say that it is made as whoever made it wanted.
  return hash.digest("hex").replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-8$3-8$4-$5");
}

/** Whether the store has that id. One that is away is not waited for: it adds no id twice. */
async function holds(store: RecordStore, id: string): Promise<boolean> {
  try {
    return (await store.has([id])).has(id);
  } catch (error) {
    if (error instanceof StoreDownError) return false;
    throw error;
  }
}

/** What the memory is made with; while a service is away, what it was when last asked. */
async function madeWith(chosen: Chosen): Promise<MadeWith | null> {
  try {
    chosen.made = await chosen.store.madeWith();
  } catch (error) {
    if (!(error instanceof StoreDownError)) throw error;
  }
  return chosen.made;
}

async function embeddingFor(chosen: Chosen, made: MadeWith | null, next?: NextTexts): Promise<Embedding> {
  if (chosen.embedding === null || (made !== null && made.embeddingModel !== chosen.embedding.model)) {
    chosen.embedding = await chosen.choose(made, next);
  }
  return chosen.embedding;
}

const nextOf = (records: readonly { text: string }[], call: Call): NextTexts => ({
  texts: records.map(({ text }) => text),
  call,
});

type Given = NewRecord & { id?: string };

/** Embeds before anything is stored, so that a failed request leaves nothing behind. */
const addMany = async (chosen: Chosen, given: readonly Given[], call: Call): Promise<string[]> => {
  const filled = given.filter(({ text }) => text.trim() !== "");
  if (filled.length === 0) return [];
  const made = await madeWith(chosen);
  const embedding = await embeddingFor(chosen, made, nextOf(filled, call));
  const time = new Date().toISOString();
  const records = filled.map((record) => ({ id: randomUUID(), ...record, time }));
  const embedded = await embed(embedding, records, call);
  refuseOtherDimension(made, embedded);
  await chosen.store.put(embedded);
  return embedded.map(({ id }) => id);
};

async function embed(
  { model, embed: ask }: Embedding,
  records: readonly MemoryRecord[],
  call: Call,
): Promise<StoredRecord[]> {
  const texts = records.map(({ text }) => text);
  const vectors = ask === null ? texts.map(() => []) : await embedRecords(ask, texts, call);
  return records.map(({ id, text, source, time }, index) =>
    withVectors({ id, text, source, time }, model, vectors[index] ?? []),
  );
}

function refuseOtherDimension(made: MadeWith | null, records: readonly StoredRecord[]): void {
  const wrong = records.find(({ dimension }) => made !== null && dimension !== made.dimension);
  if (made !== null && wrong !== undefined) throw dimensionMismatch(made, wrong.dimension);
}

async function recall(chosen: Chosen, words: string, options: RecallOptions, call: Call): Promise<Recalled[]> {
  const made = (chosen.made = await chosen.store.madeWith());
  if (made === null || words.trim() === "" || options.count < 1) return [];
  const embedding = await embeddingFor(chosen, made);
  if (embedding.embed === null) return distinct(chosen.store, { words }, options);
  const vector = await embedQuery(embedding.embed, options.near ?? [words], call);
  if (vector.length !== made.dimension) throw dimensionMismatch(made, vector.length);
  const query = isAlsoByWords(made.embeddingModel) ? { vector, words } : { vector };
  return distinct(chosen.store, query, options);
}

/** The nearest records with no text twice: where too many are repeated, more are asked for. */
async function distinct(store: RecordStore, query: Query, { count, unless }: RecallOptions): Promise<Recalled[]> {
  for (let asked = count; ; asked *= 4) {
    const found = await store.nearest(query, asked, unless);
    const seen = new Set<string>();
    const unique = found.filter(({ text }) => !seen.has(text) && seen.add(text));
    if (unique.length >= count || found.length < asked) return unique.slice(0, count);
  }
}

async function forget(store: RecordStore, holds: (record: StoredRecord) => boolean): Promise<number> {
  const ids: string[] = [];
  for await (const batch of store.batches()) ids.push(...batch.filter(holds).map(({ id }) => id));
  return ids.length === 0 ? 0 : store.remove(ids);
}

const importAll = async (
  chosen: Chosen,
  records: Parameters<MemoryUpkeep["import"]>[0],
  call: Call,
): Promise<{ added: number; skipped: number }> => {
  let [added, skipped] = [0, 0];
  for await (const batch of importedBatches(records)) {
    const there = await chosen.store.has(batch.map(({ id }) => id));
    const missing = batch.filter(({ id, text }) => !there.has(id) && text.trim() !== "");
    const made = await madeWith(chosen);
    // One is enough to find out what the server offers: the others may bring vectors that can be used.
    const { model, embed: ask } = await embeddingFor(chosen, made, nextOf(missing.slice(0, 1), call));
    const ready = missing.flatMap((record) => usable(record, model, made?.dimension ?? null) ?? []);
    const known = new Set(ready.map(({ id }) => id));
    const rest = missing.filter(({ id }) => !known.has(id));
    const embedded = rest.length === 0 ? [] : await embed({ model, embed: ask }, rest, call);
    const put = await chosen.store.put([...ready, ...embedded]);
    added += put.length;
    skipped += batch.length - put.length;
  }
  return { added, skipped };
};

async function reembed(
  chosen: Chosen,
  embedding: Embedding,
  call: Call,
  progress?: (done: number, all: number) => void,
): Promise<number> {
  const all = (await chosen.store.stats()).records;
  let done = 0;
  const count = await chosen.store.rebuild(async (records) => {
    const renewed = await embed(embedding, records, call);
    done += records.length;
    progress?.(Math.min(done, all), all);
    return renewed;
  });
  chosen.embedding = embedding;
  chosen.made = await chosen.store.madeWith();
  return count;
}
