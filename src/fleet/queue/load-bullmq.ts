import type { Job, Queue, QueueOptions, Worker, WorkerOptions } from "bullmq";
import { loadPackage } from "../../base/packages/added.js";
import { howToAdd } from "../../base/packages/parts.js";
import { within } from "../../base/waiting/within.js";
import { messageOf, SettingsError } from "../../errors.js";
import { isPostgres } from "../store/open-store.js";
import { loadPg } from "../store/postgres/connection.js";
import { createSockets } from "../store/postgres/sockets.js";
import { begunPlace } from "./places.js";
import { createQueueClient } from "./redis-client.js";
import type { Tags } from "./tags.js";

/** What a job of the queue is about; everything else is in the store. */
export type RunJob = { run: string };

/** Carries out the run of a job, and says by what it throws what becomes of the job. */
export type CarryJob = (
  run: string,
  job: {
    /** The run begins now, or goes on: whenever it waits again it goes before those of its priority that have not begun. */
    begin(): Promise<void>;
    putOff(milliseconds: number): Promise<never>;
    fail(why: string): never;
  },
) => Promise<object>;

export type Bullmq = {
  /** The queue of the runs that ask for these tags. */
  queue(tags: Tags): Queue<RunJob>;
  /** Takes runs that ask for no tags as they come. */
  worker(carry: CarryJob, concurrency: number, lockMs: number): Worker<RunJob>;
  /** Takes a run that asks for these tags when it is told to; who tells it renews its lock. */
  manualWorker(tags: Tags, carry: CarryJob, lockMs: number): Worker<RunJob>;
  /** Ends all connections, of what is not closed too: what waits for its server fails. */
  close(): void;
};

/** A queue for each set of tags: no worker has to take a run and put it back. */
const queueName = (tags: Tags): string => ["runs", ...tags].join("+");
/** Keys on Redis, and the schema in PostgreSQL: what else is there is left alone. */
const prefix = "autogpt:queue";
const schema = "autogpt_queue";

/** How long a server may take to put off a job or to move it, in milliseconds, before its worker goes on. */
const moveMs = 2_000;

async function loadPackageBullmq() {
  try {
    return await loadPackage("bullmq", () => import("bullmq"));
  } catch (cause) {
    throw new SettingsError(`A queue needs the package bullmq, which is missing. ${howToAdd("fleet")}`, { cause });
  }
}

type Library = Awaited<ReturnType<typeof loadPackageBullmq>>;

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
  const worker = (tags: Tags, carry: CarryJob, lockMs: number, more: Partial<WorkerOptions>): Worker<RunJob> => {
    const workerOptions: WorkerOptions = {
      ...(options as WorkerOptions),
      ...{ lockDuration: lockMs, stalledInterval: lockMs / 4 },
      // A run is not over because its workers died. PostgreSQL takes no larger number, and would not look for such jobs at all.
      maxStalledCount: 2 ** 31 - 1,
      ...more,
    };
    return heard(new library.Worker<RunJob>(queueName(tags), processorOf(library, carry), workerOptions, create));
  };
  return {
    queue: (tags) => heard(new library.Queue<RunJob>(queueName(tags), options, create)),
    worker: (carry, concurrency, lockMs) => worker([], carry, lockMs, { concurrency }),
    manualWorker: (tags, carry, lockMs) => worker(tags, carry, lockMs, { autorun: false }),
    close,
  };
}

const processorOf =
  ({ DelayedError, UnrecoverableError }: Library, carry: CarryJob) =>
  (job: Job<RunJob>, token?: string): Promise<object> =>
    carry(job.data.run, {
      async begin() {
        const place = begunPlace(job.priority);
        if (place === job.priority) return;
        // Where the server is away the run finds that out; it is only behind others then.
        await within(job.changePriority({ priority: place }), moveMs).catch(() => undefined);
      },
      async putOff(milliseconds) {
        // Where the job is another worker's by now, that one sees to it; where the server is away, the job is missed soon.
        await within(job.moveToDelayed(Date.now() + milliseconds, token), moveMs).catch(() => undefined);
        throw new DelayedError();
      },
      fail(why) {
        throw new UnrecoverableError(why);
      },
    });

type Connection = { connection: unknown; factory: unknown; close(): void };

async function redisConnection(address: string, onError: (message: string) => void): Promise<Connection> {
  const client = await createQueueClient(address, onError);
  return { connection: client.redis, factory: undefined, close: client.end };
}

async function postgresConnection(
  address: string,
  { createPostgresBackend }: { createPostgresBackend: unknown },
): Promise<Connection> {
  const { Client } = await loadPg();
  const sockets = createSockets();
  /** The library does not hear connections that break while it makes its tables, and an error that nobody hears ends the process. */
  class HeardClient extends Client {
    constructor(config: ConstructorParameters<typeof Client>[0]) {
      super(config);
      this.on("error", () => undefined);
    }
  }
  return {
    // Without `migrate` its tables would not be made.
    connection: {
      connectionString: address,
      schema,
      migrate: true,
      max: 4,
      Client: HeardClient,
      stream: sockets.stream,
    },
    factory: createPostgresBackend,
    close: sockets.end,
  };
}
