import { openRunQueue } from "../queue/run-queue.js";
import type { RunStore } from "../store/run-store.js";
import { createMetrics, type WorkerMetrics } from "./metrics.js";
import { serveMetrics, type MetricsAddress } from "./serve.js";

export type OpenedMetrics = { metrics: WorkerMetrics; url: string; close(): Promise<void> };

/**
 * Serves what a worker tells of itself. It is well for as long as it may hold on to its runs: while the store has answered within
 * `leaseMs`. Throws SettingsError where the library is missing, the port cannot be used, or the queue cannot.
 */
export async function openMetrics(
  at: MetricsAddress,
  { address, store, concurrency, leaseMs }: { address: string; store: RunStore; concurrency: number; leaseMs: number },
): Promise<OpenedMetrics> {
  const metrics = await createMetrics(concurrency);
  const queue = await openRunQueue(address, store);
  try {
    const server = await serveMetrics({
      ...at,
      contentType: metrics.contentType,
      text: () => metrics.text({ store, queue }),
      health() {
        const ago = metrics.storeAnsweredAgo();
        return { ok: ago * 1000 < leaseMs, storeAnsweredSecondsAgo: Math.round(ago * 10) / 10 };
      },
    });
    return {
      ...{ metrics, url: server.url },
      async close() {
        await server.close();
        await queue.close();
      },
    };
  } catch (thrown) {
    await queue.close();
    throw thrown;
  }
}
