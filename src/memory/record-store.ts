import type { MadeWith, MemoryStats, RecallOptions, Recalled, StoredRecord } from "./memory.js";

/**
 * A unit vector, or words for a memory without vectors. With both, the records are ranked by each and the ranks joined (see joinByRanks); a
 * store that cannot do so takes the vector alone.
 */
export type Query = { vector: Float32Array; words?: string } | { vector?: undefined; words: string };

/**
 * The service that keeps the records cannot be reached, or cannot do its work now. What was asked of it may or may not
 * have been done; since `put` adds no id twice, it may be asked again.
 */
export class StoreDownError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The service can be read but not written to now: it is full, or has lost its disk. */
export class StoreFullError extends StoreDownError {}

/** Whether the records of this run and step are left out of what is recalled. */
export const isLeftOut = (
  { run, step }: { run: string; step: number },
  unless: RecallOptions["unless"] = [],
): boolean => unless.some((one) => run === one.run && step >= one.fromStep);

/**
 * Where the records of one AI are kept. All of them have vectors of one model and one dimension. Every method but
 * `close` throws StoreDownError where a service is away, and SettingsError where it refuses what is asked.
 */
export interface RecordStore {
  /** The model and dimension of what is stored; null where nothing is. */
  madeWith(): Promise<MadeWith | null>;
  /** Those of these ids that are stored. */
  has(ids: readonly string[]): Promise<Set<string>>;
  /**
   * Stores all or none of the records whose id is not there yet, and resolves to their ids. Throws SettingsError for
   * another model or dimension than that of what is stored.
   */
  put(records: readonly StoredRecord[]): Promise<string[]>;
  /** The `count` nearest records, best first, without those that `unless` names; fewer only where there are no more. */
  nearest(query: Query, count: number, unless?: RecallOptions["unless"]): Promise<Recalled[]>;
  /** All records, oldest first, in batches. */
  batches(): AsyncIterable<StoredRecord[]>;
  /** Removes the records with these ids and resolves to the number of those that were there. */
  remove(ids: readonly string[]): Promise<number>;
  /**
   * Replaces all records in one act by what `renew` makes of them, batch by batch; the new ones may have another model
   * and dimension. Where that fails, everything stays as it was. Resolves to the number of records.
   */
  rebuild(renew: (records: readonly StoredRecord[]) => Promise<StoredRecord[]>): Promise<number>;
  /** `backend` is the name in the settings. */
  stats(): Promise<MemoryStats>;
  /** Removes all records of this AI. */
  clear(): Promise<void>;
  close(): Promise<void>;
}
