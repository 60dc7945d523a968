import type { Call } from "../model/model.js";

/** Where a record comes from: which run and step, and what kind of thing it is. */
export type MemorySource = { run: string; step: number; kind: "step" | "page" | "file" | "note" };
export type MemoryRecord = { text: string; source: MemorySource; time: string };
export type Recalled = MemoryRecord & { score: number };

export type RecallOptions = {
  /** At most this many records, best first. */
  count: number;
  /** Leaves out what the history still shows: records of `run` from step `fromStep` on. */
  unless?: { run: string; fromStep: number };
};
export type MemoryStats = { backend: string; records: number; embeddingModel: string | null; dimension: number | null };

/** What one AI remembers. A record is there completely or not at all; texts of any length are taken. */
export interface Memory {
  add(text: string, source: MemorySource, call: Call): Promise<void>;
  /** Resolves to an empty list when nothing is stored, without asking for an embedding. */
  recall(query: string, options: RecallOptions, call: Call): Promise<Recalled[]>;
  stats(): Promise<MemoryStats>;
  /** Forgets everything of this AI and nothing else. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Turns texts into vectors, one each, in order. */
export type Embed = (texts: readonly string[], call: Call) => Promise<Float32Array[]>;
