import type { Replica } from "../../history/lock/replica.js";
import { StoreDownError, type RunStore } from "../store/run-store.js";
import { learn, readBucket, takeTurn, type Bucket } from "./bucket.js";

type SharedStore = Pick<RunStore, "shared" | "replaceShared">;

/** The limits of model servers, shared by all workers of a store. While that is away nobody waits for a turn: nobody can act either. */
export const sharedPace = (store: SharedStore): Pick<Replica, "turn" | "heard"> => ({
  turn: (server, tokens, taken) =>
    unlessDown(
      () =>
        change(store, server, (before, now) => {
          const { waitMs, bucket } = takeTurn(before, now, { tokens, taken });
          return { bucket, result: waitMs };
        }),
      0,
    ),
  heard: (server, rates) =>
    unlessDown(
      () => change(store, server, (before, now) => ({ bucket: learn(before, now, rates), result: undefined })),
      undefined,
    ),
});

async function unlessDown<Result>(act: () => Promise<Result>, instead: Result): Promise<Result> {
  try {
    return await act();
  } catch (thrown) {
    if (thrown instanceof StoreDownError) return instead;
    throw thrown;
  }
}

/** Others may change it at the same time: then it is done anew with what they have made of it. */
async function change<Result>(
  store: SharedStore,
  server: string,
  work: (before: Bucket, now: number) => { bucket: Bucket; result: Result },
): Promise<Result> {
  const name = `pace:${server}`;
  for (;;) {
    const { text, now } = await store.shared(name);
    const before = readBucket(text);
    const { bucket, result } = work(before, now);
    if (bucket === before || JSON.stringify(bucket) === text) return result;
    if (await store.replaceShared(name, text, JSON.stringify(bucket))) return result;
  }
}
