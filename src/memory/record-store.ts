import type { MadeWith, MemoryStats, RecallOptions, Recalled, StoredRecord } from "./memory.js";

/** What is looked for: a unit vector, or words where a memory has no vectors. */
export type Query = { vector: Float32Array } | { words: string };

/** The service that keeps the records cannot be reached, or cannot do its work now. Nothing was changed for certain. */
export class StoreDownError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The service can be read, but takes nothing now: it is full, or has lost its disk. */
export class StoreFullError extends StoreDownError {}

/**
 * The records of one AI in a service. Everything but `close` throws StoreDownError where the service is away, and
 * SettingsError where it refuses what is asked, or records of another model or dimension are put in.
 */
export interface RecordStore {
  /** Null where nothing is stored. */
  madeWith(): Promise<MadeWith | null>;
  /** Which of these ids are there. */
  has(ids: readonly string[]): Promise<Set<string>>;
  /** Stores all or none of the records whose id is not there yet; gives the ids of these. */
  put(records: readonly StoredRecord[]): Promise<string[]>;
  /** The `count` nearest records, best first; fewer only where there are no more. */
  nearest(query: Query, count: number, unless?: RecallOptions["unless"]): Promise<Recalled[]>;
  /** All records, oldest first, in batches. */
  batches(): AsyncIterable<StoredRecord[]>;
  /** Gives the number of records that were there. */
  remove(ids: readonly string[]): Promise<number>;
  /** Puts what `renew` makes of each batch in the place of all records, of one other model. Gives their number. */
  rebuild(renew: (records: readonly StoredRecord[]) => Promise<StoredRecord[]>): Promise<number>;
  stats(): Promise<MemoryStats>;
  clear(): Promise<void>;
  close(): Promise<void>;
}
