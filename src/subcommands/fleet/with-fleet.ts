import { openRunQueue, type RunQueue } from "../../fleet/queue/run-queue.js";
import { openStoreWithArtifacts, type ArtifactsOptions } from "../../fleet/artifacts/open-artifacts.js";
import { openStore, requireAddress } from "../../fleet/store/open-store.js";
import type { RunStore } from "../../fleet/store/run-store.js";

/** What runs are kept in, and the order in which they are taken. */
export type Fleet = { store: RunStore; queue: RunQueue };

/**
 * Opens both at this address, and closes them behind `work`; with the place of large files where one is given. Throws SettingsError where there
 * is no queue, or something cannot be used.
 */
export async function withFleet<Result>(
  address: string | undefined,
  work: (fleet: Fleet) => Promise<Result>,
  artifacts?: ArtifactsOptions,
): Promise<Result> {
  const given = requireAddress(address);
  const store = await (artifacts === undefined ? openStore(given) : openStoreWithArtifacts(given, artifacts));
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
