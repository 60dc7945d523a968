import type { Tape } from "../cassette/tape.js";
import type { Call } from "../model/model.js";

/** What every memory is opened with. */
export type MemoryOptions = {
  /** The folder of all local memories; for a service, of the records that wait while it is away. */
  directory: string;
  /** Separates memories: one AI has another memory in each index. */
  index: string;
  aiName: string;
  chooseEmbedding: ChooseEmbedding;
  warn(message: string): void;
  /** Forgets everything of this AI before the memory is opened. */
  wipe?: boolean;
  /** What stands between the memory and the store of its records. */
  tape?: Tape | null | undefined;
};

export const sourceKinds = ["step", "page", "file", "note"] as const;
export type SourceKind = (typeof sourceKinds)[number];
/**
 * Where a record comes from: run and step, the kind of thing, and the address of a page or the path of a file. `tainted`:
 * whether it was made while the run's context held text of others; absent where that is not known.
 */
export type MemorySource = { run: string; step: number; kind: SourceKind; from?: string; tainted?: boolean };

/** `id` is unique across runs and machines; `time` is when it was added (ISO 8601, UTC). */
export type MemoryRecord = { id: string; text: string; source: MemorySource; time: string };
export type NewRecord = { text: string; source: MemorySource };
export type Recalled = MemoryRecord & { score: number };

/** A record as it is stored: with one unit vector for each piece of its text, or none where it is recalled by words. */
export type StoredRecord = MemoryRecord & {
  embeddingModel: string;
  dimension: number;
  vectors: readonly Float32Array[];
};
/** A record from outside. It is embedded anew unless its vectors have the model and dimension of the memory. */
export type ImportedRecord = MemoryRecord & Partial<Pick<StoredRecord, "embeddingModel" | "vectors">>;

/** Whether a record may be there already. */
export type Once = "new" | "perhaps-there";

export type RecallOptions = {
  /** The most records to give, best first; no text is given twice. */
  count: number;
  /** Leaves out what the conversation still shows, or what a run does not know of: the records of each `run` from step `fromStep` on. */
  unless?: readonly { run: string; fromStep: number }[];
  /**
   * What is embedded in place of the query, where memory recalls by vectors: texts that were added, as far as they have vectors
   * already. The last pieces count, and nothing is asked of anyone for those that were added last.
   */
  near?: readonly string[];
};

/** Selects the records for which all given fields hold. `before` is a time as in a record; `afterStep` a step that is not among them. */
export type ForgetFilter = {
  ids?: readonly string[];
  run?: string;
  kind?: SourceKind;
  from?: string;
  before?: string;
  afterStep?: number;
};

export type MemoryStats = {
  backend: string;
  records: number;
  embeddingModel: string | null;
  dimension: number | null;
  /** Its size in storage; null where the service does not say. */
  bytes: number | null;
  /** More for the user: the folder, or how the server searches. */
  detail: string | null;
};

/**
 * What one AI remembers, as a run uses it. A record is there completely or not at all; texts of any length are taken.
 * Embedding may ask a model: its errors, and those of a limit of the run, are thrown as they are.
 */
export interface Memory {
  /**
   * Resolves to whether the record is kept, by a service or, while it is away, in a file. It is, except where a failure
   * was survived (GuardedMemory). `once`: this is the one record of its run and step, which is kept once; after
   * "perhaps-there" it is looked for first.
   */
  add(text: string, source: MemorySource, call: Call, once?: Once): Promise<boolean>;
  /** Adds all records or none, with as few requests as possible; blank texts are left out. Resolves to the new ids. */
  addMany(records: readonly NewRecord[], call: Call): Promise<string[]>;
  /** The records nearest to the query. Where nothing is stored, an empty list, and nothing is embedded. */
  recall(query: string, options: RecallOptions, call: Call): Promise<Recalled[]>;
  stats(): Promise<MemoryStats>;
}

/** What a person does with a memory, by the subcommands. */
export interface MemoryUpkeep {
  /**
   * Forgets the records that the filter selects and resolves to their number. An empty filter selects none: see clear.
   */
  forget(filter: ForgetFilter): Promise<number>;
  /** All records, oldest first. Records added meanwhile may be missing. */
  entries(): AsyncIterable<StoredRecord>;
  /** Adds records with their ids and times; those whose id is there already are skipped. */
  import(records: AsyncIterable<ImportedRecord>, call: Call): Promise<{ added: number; skipped: number }>;
  /** Embeds every text anew and uses this embedding from then on. Resolves to the number of records. */
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

/** Turns texts into vectors: one for each text, in order. */
export type Embed = (texts: readonly string[], call: Call) => Promise<Float32Array[]>;

/**
 * An embedding model and its name, which is stored with every memory. Where `embed` is null, memory recalls by words.
 */
export type Embedding = { model: string; embed: Embed | null };

/** The embedding that a memory was made with (dimension 0: words) and where it is, for messages. */
export type MadeWith = { where: string; embeddingModel: string; dimension: number };

/** The texts that are embedded next, and for what call. */
export type NextTexts = { texts: readonly string[]; call: Call };

/**
 * Decides what embeds. It is called when a memory that has records is opened, and for a new one (null) when something
 * is to be embedded. Finding out what a server offers takes an embedding; `next` is embedded for that, which costs no
 * extra request, since vectors are cached. Throws SettingsError where the settings want another model than the memory
 * has.
 */
export type ChooseEmbedding = (madeWith: MadeWith | null, next?: NextTexts) => Promise<Embedding>;
