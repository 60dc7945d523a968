import type { Call } from "../model/model.js";

/** What every memory is opened with. */
export type MemoryOptions = {
  /** Where the memories of all AIs lie, or where their records wait while a service is away. */
  directory: string;
  /** Memories of different indexes do not mix, even for one AI. */
  index: string;
  aiName: string;
  chooseEmbedding: ChooseEmbedding;
  warn(message: string): void;
  /** Forgets everything of this AI before anything else is looked at. */
  wipe?: boolean;
};

export type SourceKind = "step" | "page" | "file" | "note";
/** Where a record comes from: which run and step, what kind of thing it is, and of a page or file its address or path. */
export type MemorySource = { run: string; step: number; kind: SourceKind; from?: string };

/** `id` is unique for ever, across runs and machines; `time` is ISO 8601 in UTC, from which its age is counted. */
export type MemoryRecord = { id: string; text: string; source: MemorySource; time: string };
export type NewRecord = { text: string; source: MemorySource };
export type Recalled = MemoryRecord & { score: number };

/** A record as it is stored: the unit vectors of its pieces, none where it is recalled by words. */
export type StoredRecord = MemoryRecord & {
  embeddingModel: string;
  dimension: number;
  vectors: readonly Float32Array[];
};
/** A record from outside. Its vectors are used where they are of the model and dimension of the memory it goes to. */
export type ImportedRecord = MemoryRecord & Partial<Pick<StoredRecord, "embeddingModel" | "vectors">>;

export type RecallOptions = {
  /** At most this many records, best first; no text twice. */
  count: number;
  /** Leaves out what the history still shows: records of `run` from step `fromStep` on. */
  unless?: { run: string; fromStep: number };
};

/** Which records to forget: those that all given fields hold for. `before` is a time as in a record. */
export type ForgetFilter = { ids?: readonly string[]; run?: string; kind?: SourceKind; from?: string; before?: string };

export type MemoryStats = {
  backend: string;
  records: number;
  embeddingModel: string | null;
  dimension: number | null;
  /** What it takes where it is stored; null where the service does not say. */
  bytes: number | null;
  /** What else is worth knowing: the folder, which way of search the server offers … */
  detail: string | null;
};

/**
 * What one AI remembers, as a run uses it. A record is there completely or not at all; texts of any length are taken.
 * Embedding may ask a model: its errors, and those of a limit of the run, are thrown as they are.
 */
export interface Memory {
  add(text: string, source: MemorySource, call: Call): Promise<void>;
  /** Adds all or none, with as few requests as possible; blank texts are left out. Gives the new records' ids. */
  addMany(records: readonly NewRecord[], call: Call): Promise<string[]>;
  /** Resolves to an empty list when nothing is stored, without asking for an embedding. */
  recall(query: string, options: RecallOptions, call: Call): Promise<Recalled[]>;
  stats(): Promise<MemoryStats>;
}

/** What a person does with a memory, by the subcommands. */
export interface MemoryUpkeep {
  /** Forgets what the filter holds for and gives its number. An empty filter holds for nothing: see clear. */
  forget(filter: ForgetFilter): Promise<number>;
  /** All records, oldest first. Records added meanwhile may be missing. */
  entries(): AsyncIterable<StoredRecord>;
  /** Adds records as they are, ids and times included; those whose id is there already are skipped. */
  import(records: AsyncIterable<ImportedRecord>, call: Call): Promise<{ added: number; skipped: number }>;
  /** Embeds every text anew with another model and goes on with that one. Gives the number of records. */
  reembed(embedding: Embedding, call: Call, progress?: (done: number, all: number) => void): Promise<number>;
  /** Forgets everything of this AI and nothing else. */
  clear(): Promise<void>;
}

/** A memory that was opened; whoever opened it closes it. */
export interface OpenedMemory extends Memory, MemoryUpkeep {
  close(): Promise<void>;
}

/** A memory whose failures a run survives: what fails is not remembered, or not recalled. */
export interface GuardedMemory extends Memory {
  /** The same memory with its failures, for whoever has to know whether something was remembered. */
  readonly unguarded: Memory;
}

/** Turns texts into vectors, one each, in order. */
export type Embed = (texts: readonly string[], call: Call) => Promise<Float32Array[]>;

/** A model with its name, as stored with every memory; with `embed` null a memory recalls by words alone. */
export type Embedding = { model: string; embed: Embed | null };

/** What a memory was made with, and where it lies, for messages. Dimension 0: by words. */
export type MadeWith = { where: string; embeddingModel: string; dimension: number };

/** The texts that are embedded next, and for what call. */
export type NextTexts = { texts: readonly string[]; call: Call };

/**
 * Says what embeds: asked with what the memory was made with as soon as it is opened, with null for a new memory, then
 * only when something is to be embedded. To find out what a server offers something has to be embedded: `next` is, which
 * is then no extra request, since vectors are cached. Throws SettingsError where the settings want another model than the
 * memory's.
 */
export type ChooseEmbedding = (madeWith: MadeWith | null, next?: NextTexts) => Promise<Embedding>;
