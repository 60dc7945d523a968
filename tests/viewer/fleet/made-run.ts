import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { RunStatus, RunStore } from "../../../src/fleet/store/run-store.js";
import { temporaryFolder } from "../../support/program.js";
import { makeJournal, type MadeOptions } from "../made-journal.js";

export const words = { state: (state: string) => state, sentence: (reason: string) => reason };

const order = { settings: "ai_name: A\n", begin: [], resume: [], after: [], priority: 100, tags: [] };

/** The lines of a journal as a run would have written them. */
export async function linesOf(t: TestContext, options: MadeOptions): Promise<string[]> {
  const home = join(await temporaryFolder(t), ".autogpt");
  await makeJournal(home, options);
  const text = await readFile(join(home, "runs", options.run, "events.jsonl"), "utf8");
  return text.trimEnd().split("\n");
}

export type StoredRun = {
  /** Keeps more lines of its journal, and how the run stands by then. */
  add(lines: readonly string[], status?: Partial<RunStatus>): Promise<void>;
  /** Keeps a file of the run's folder. */
  put(path: string, text: string): Promise<void>;
};

/** Puts a run into the store that some worker has. */
export async function storedRun(store: RunStore, run: string, status: Partial<RunStatus> = {}): Promise<StoredRun> {
  let now: RunStatus = {
    ...{ state: "running", since: "2026-11-28T00:00:00.000Z", steps: 0, costUsd: 0, kills: 0, worker: "host:1" },
    ...status,
  };
  await store.create(run, order, now);
  const taken = await store.acquire(run, "host:1", 600_000);
  if (typeof taken !== "object") throw new Error(`The run is ${taken}.`);
  const { epoch } = taken;
  let from = 1;
  const batch = { lines: [], files: [], dropped: [], nano: 0 };
  return {
    async add(lines, change = {}) {
      now = { ...now, ...change };
      await store.commit(run, epoch, { ...batch, lines, from, status: now });
      from += lines.length;
      if (now.state !== "running") await store.release(run, epoch);
    },
    async put(path, text) {
      const bytes = Buffer.from(text);
      const hash = createHash("sha256").update(bytes).digest("hex");
      await store.put(run, epoch, new Map([[hash, bytes]]));
      const entry = { kind: "file" as const, mode: 0o600, parts: [{ hash, length: bytes.length }] };
      await store.commit(run, epoch, { ...batch, from, files: [[path, entry]], status: null });
    },
  };
}
