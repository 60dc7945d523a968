import { commandLine } from "../../base/process/command-line.js";
import { monotonicMs } from "../../base/stopwatch.js";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf, SettingsError } from "../../errors.js";
import type { DeliveryQueue } from "./queue.js";
import type { MemoryStats, StoredRecord } from "../memory.js";
import { StoreDownError, StoreFullError, type RecordStore } from "../record-store.js";
import { counted } from "../../base/text.js";

/** How long `close` waits for a service that may be coming back. */
const lastWaitMs = 3_000;
const pauseMs = 200;

/**
 * A store whose service may go away. What is put in meanwhile waits on disk and is delivered once the service is back,
 * by this run or a later one. Everything else fails while the service is away; while it can be read but not written to
 * (StoreFullError), everything works without the records that wait. `warn` is told once an outage.
 */
export async function queuedStore(
  store: RecordStore,
  queue: DeliveryQueue,
  warn: (message: string) => void,
): Promise<RecordStore> {
  const state: State = { store, queue, warn, waiting: (await queue.count()) > 0, down: false };
  if (state.waiting) await deliver(state).catch((error: unknown) => noted(state, error));
  const delivered = async (): Promise<RecordStore> => {
    if (state.waiting) await deliver(state).catch((error: unknown) => full(state, error));
    return store;
  };
  return {
    madeWith: async () => (await delivered()).madeWith(),
    has: async (ids) => (await delivered()).has(ids),
    put: (records) => put(state, records),
    nearest: async (query, count, unless) => (await delivered()).nearest(query, count, unless),
    async *batches() {
      yield* (await delivered()).batches();
    },
    remove: async (ids) => (await delivered()).remove(ids),
    rebuild: async (renew) => (await delivered()).rebuild(renew),
    stats: async () => withQueue(await (await delivered()).stats(), queue, await queue.count()),
    async clear() {
      await store.clear();
      await queue.clear();
      state.waiting = false;
    },
    close: () => close(state),
  };
}

type State = {
  store: RecordStore;
  queue: DeliveryQueue;
  warn(message: string): void;
  /** Whether the queue may hold something that can be delivered. */
  waiting: boolean;
  down: boolean;
};

async function put(state: State, records: readonly StoredRecord[]): Promise<string[]> {
  try {
    if (state.waiting) await deliver(state);
    return await state.store.put(records);
  } catch (error) {
    if (!(error instanceof StoreDownError)) throw error;
    await state.queue.append(records);
    state.waiting = true;
    noted(state, error);
    return records.map(({ id }) => id);
  }
}

/** Delivers what waits. Records of another model than the memory has stay in the queue. */
async function deliver(state: State): Promise<void> {
  const { file } = state.queue;
  const { delivered, refused } = await state.queue.deliver((records) => putOnce(state.store, records));
  if (delivered > 0)
    state.warn(`${counted(delivered, "memory record")} that had to wait ${delivered === 1 ? "is" : "are"} delivered.`);
  if (refused !== null)
    state.warn(
      `What waits in ${file} cannot be delivered: ${refused.message} Or run ${commandLine(`memory import ${file}`)}, which embeds it anew.`,
    );
  state.down = false;
  state.waiting = false;
}

/** Stores the records. Those that a service refuses count as delivered where it has all of them already. */
async function putOnce(store: RecordStore, records: readonly StoredRecord[]): Promise<void> {
  try {
    await store.put(records);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const there = await store.has(records.map(({ id }) => id));
    if (!records.every(({ id }) => there.has(id))) throw error;
  }
}

function full(state: State, error: unknown): void {
  if (!(error instanceof StoreFullError)) throw error;
  noted(state, error);
}

function noted(state: State, error: unknown): void {
  if (!(error instanceof StoreDownError)) throw error;
  if (!state.down) state.warn(`${error.message} What is to be remembered waits in ${state.queue.file}.`);
  state.down = true;
}

async function close(state: State): Promise<void> {
  try {
    await deliverAtLast(state);
  } catch (error) {
    const count = await state.queue.count();
    state.warn(
      `${counted(count, "memory record")} could not be delivered and ${waits(count)} in ${state.queue.file}; the next run delivers ` +
        `${count === 1 ? "it" : "them"}. ` +
        messageOf(error),
    );
  } finally {
    await state.store.close();
  }
}

/** Tries for a while, since a service that has just come back may need a moment. */
async function deliverAtLast(state: State): Promise<void> {
  const end = monotonicMs() + lastWaitMs;
  while (state.waiting) {
    try {
      await deliver(state);
    } catch (error) {
      if (!(error instanceof StoreDownError) || monotonicMs() > end) throw error;
      await delay(pauseMs);
    }
  }
}

const waits = (count: number): string => (count === 1 ? "waits" : "wait");

const withQueue = (stats: MemoryStats, { file }: DeliveryQueue, waiting: number): MemoryStats =>
  waiting === 0
    ? stats
    : { ...stats, detail: `${stats.detail ?? ""}; ${counted(waiting, "memory record")} ${waits(waiting)} in ${file}` };
