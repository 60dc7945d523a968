import { openRunQueue, type RunQueue } from "../../fleet/queue/run-queue.js";
import { openStore, requireAddress } from "../../fleet/store/open-store.js";
import type { RunStore } from "../../fleet/store/run-store.js";

/** What runs are kept in, and the order in which they are taken. */
export type Fleet = { store: RunStore; queue: RunQueue };

/** Opens both at this address, and closes them behind `work`. Throws SettingsError where there is none, or it cannot be used. */
export async function withFleet<Result>(
  address: string | undefined,
  work: (fleet: Fleet) => Promise<Result>,
): Promise<Result> {
  const given = requireAddress(address);
  const store = await openStore(given);
  try {
    const queue = await openRunQueue(given, store);
    try {
      return await work({ store, queue });
    } finally {
      await queue.close();
    }
  } finally {
    await store.close();
  }
}
