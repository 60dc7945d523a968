import { setTimeout as delay } from "node:timers/promises";
import { lockHolder, takeLock } from "./lock.js";

const waitMs = 10_000;
const pauseMs = 5;

/** Runs `work` while the lock `file` is held, waiting up to ten seconds for whoever has it. */
export async function withLock<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    // Looking costs much less than trying to take it, which writes to the disk.
    const holder = lockHolder(file);
    const lock = holder === null ? takeLock(file) : { taken: false as const, pid: holder };
    if (lock.taken) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (Date.now() > deadline) {
      throw new Error(`${file} is held by the process ${lock.pid}. Wait until it ends, or end it.`);
    }
    await delay(pauseMs);
  }
}
