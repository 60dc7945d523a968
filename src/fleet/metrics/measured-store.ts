import { StoreDownError, type RunStore } from "../store/run-store.js";

/** Is told what a worker asks its store for. */
export type StoreMeter = {
  /** A call was answered, be it with a refusal, after so many seconds. */
  answered(call: string, seconds: number): void;
  /** It was not: the store is away, or takes nothing. */
  failed(call: string): void;
  /** A run of this worker has cost so many US dollars more. */
  spent(usd: number): void;
  /** A request was asked for within the fleet's budget. */
  reserved(isGranted: boolean): void;
};

type Method = (...given: unknown[]) => Promise<unknown>;

/** The same store, of which `meter` is told each call. */
export function measuredStore(store: RunStore, meter: StoreMeter): RunStore {
  const methods = Object.entries(store).map(([name, method]: [string, unknown]) =>
    typeof method === "function" && name !== "close" ? [name, measured(name, method as Method, meter)] : [name, method],
  );
  return { ...(Object.fromEntries(methods) as RunStore), ...withMoney(Object.fromEntries(methods) as RunStore, meter) };
}

const measured =
  (name: string, method: Method, meter: StoreMeter): Method =>
  async (...given) => {
    const begun = performance.now();
    const isAnswered = (): void => meter.answered(name, (performance.now() - begun) / 1000);
    try {
      const result = await method(...given);
      isAnswered();
      return result;
    } catch (thrown) {
      if (thrown instanceof StoreDownError) meter.failed(name);
      else isAnswered();
      throw thrown;
    }
  };

/** What a run had cost when this worker took it counts for whoever had it before. */
function withMoney(store: RunStore, meter: StoreMeter): Pick<RunStore, "read" | "commit" | "reserve" | "release"> {
  const costs = new Map<string, number>();
  return {
    async read(run) {
      const stored = await store.read(run);
      if (stored !== null) costs.set(run, stored.status.costUsd);
      return stored;
    },
    async commit(run, epoch, batch) {
      await store.commit(run, epoch, batch);
      const before = costs.get(run);
      const costUsd = batch.status?.costUsd;
      if (before === undefined || costUsd === undefined) return;
      costs.set(run, costUsd);
      if (costUsd > before) meter.spent(costUsd - before);
    },
    async reserve(run, epoch, nano) {
      const isGranted = await store.reserve(run, epoch, nano);
      meter.reserved(isGranted);
      return isGranted;
    },
    async release(run, epoch) {
      costs.delete(run);
      await store.release(run, epoch);
    },
  };
}
