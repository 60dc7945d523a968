import type { Queue, QueueOptions, Worker, WorkerOptions } from "bullmq";
import { loadPackage } from "../../base/packages/added.js";
import { howToAdd } from "../../base/packages/parts.js";
import { messageOf, SettingsError } from "../../errors.js";
import { isPostgres } from "../store/open-store.js";
import { loadPg } from "../store/postgres/connection.js";

/** What a job of the queue is about; everything else is in the store. */
export type RunJob = { run: string };

export type Bullmq = {
  queue(): Queue<RunJob>;
  worker(
    carry: (
      run: string,
      job: { putOff(milliseconds: number): Promise<never>; fail(why: string): never },
    ) => Promise<object>,
    concurrency: number,
    lockMs: number,
  ): Worker<RunJob>;
  /** To be called when the queue and the workers are closed. */
  close(): Promise<void>;
};

const queueName = "runs";
/** Keys on Redis, and the schema in PostgreSQL: what else is there is left alone. */
const prefix = "autogpt:queue";
const schema = "autogpt_queue";

async function loadPackageBullmq() {
  try {
    return await loadPackage("bullmq", () => import("bullmq"));
  } catch (cause) {
    throw new SettingsError(`A queue needs the package bullmq, which is missing. ${howToAdd("fleet")}`, { cause });
  }
}

/**
 * The library of the queue, for the server at this address. Throws SettingsError where it is missing. What it makes hides no
 * error: each has a listener, since an error that nobody hears ends the process.
 */
export async function loadBullmq(address: string, onError: (message: string) => void): Promise<Bullmq> {
  const library = await loadPackageBullmq();
  const heard = <Made extends { on(event: "error", listen: (thrown: Error | null | undefined) => void): unknown }>(
    made: Made,
  ): Made => {
    made.on("error", (thrown) => onError(messageOf(thrown ?? "the connection was lost")));
    return made;
  };
  const { connection, factory, close } = isPostgres(address)
    ? await postgresConnection(address, library)
    : await redisConnection(address, onError);
  const options = { connection, prefix } as QueueOptions;
  const create = factory as never;
  return {
    queue: () => heard(new library.Queue<RunJob>(queueName, options, create)),
    worker(carry, concurrency, lockMs) {
      const workerOptions: WorkerOptions = {
        ...(options as WorkerOptions),
        ...{ concurrency, lockDuration: lockMs, stalledInterval: lockMs / 4 },
        // A run is not over because its workers died. PostgreSQL takes no larger number, and would not look for such jobs at all.
        maxStalledCount: 2 ** 31 - 1,
      };
      return heard(
        new library.Worker<RunJob>(
          queueName,
          (job, token) =>
            carry(job.data.run, {
              async putOff(milliseconds) {
                // Where the job is another worker's by now, that one sees to it.
                await job.moveToDelayed(Date.now() + milliseconds, token).catch(() => undefined);
                throw new library.DelayedError();
              },
              fail(why) {
                throw new library.UnrecoverableError(why);
              },
            }),
          workerOptions,
          create,
        ),
      );
    },
    close,
  };
}

type Connection = { connection: unknown; factory: unknown; close(): Promise<void> };

/** The package of the connection is ours: the library, which may be installed elsewhere, would not find it. */
async function redisConnection(address: string, onError: (message: string) => void): Promise<Connection> {
  const { Redis } = await import("ioredis");
  const redis = new Redis(address, { maxRetriesPerRequest: null, protocol: 2 });
  redis.on("error", (thrown: unknown) => onError(messageOf(thrown)));
  return {
    connection: redis,
    factory: undefined,
    close: () => {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}

async function postgresConnection(
  address: string,
  { createPostgresBackend }: { createPostgresBackend: unknown },
): Promise<Connection> {
  const { Client } = await loadPg();
  /** The library does not hear connections that break while it makes its tables, and an error that nobody hears ends the process. */
  class HeardClient extends Client {
    constructor(config: ConstructorParameters<typeof Client>[0]) {
      super(config);
      this.on("error", () => undefined);
    }
  }
  return {
    // Without `migrate` its tables would not be made.
    connection: { connectionString: address, schema, migrate: true, max: 4, Client: HeardClient },
    factory: createPostgresBackend,
    close: () => Promise.resolve(),
  };
}
