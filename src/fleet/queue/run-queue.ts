import type { Job, Queue } from "bullmq";
import { setTimeout as delay } from "node:timers/promises";
import { within } from "../../base/waiting/within.js";
import { messageOf, SettingsError } from "../../errors.js";
import { StoreDownError, type ListedRun, type RunStore } from "../store/run-store.js";
import { loadBullmq, type RunJob } from "./load-bullmq.js";
import { placeOf } from "./places.js";
import { addTagSet, knownTagSets, type Tags } from "./tags.js";

/** When a run is to be taken from the queue. */
export type Turn = {
  /** 1 is the first. */
  priority: number;
  /** Whether a worker has had it: then it goes before those of its priority that none has had. */
  hasBegun?: boolean;
  /** What its worker needs to have. */
  tags: Tags;
  /** Not before then, in milliseconds since 1970; null: as soon as there is a worker. */
  at: number | null;
};

/** The turn of a run that is to be taken as soon as there is a worker. */
export const turnNow = ({ order: { priority, tags }, status }: Pick<ListedRun, "order" | "status">): Turn => ({
  ...{ priority, tags, at: null },
  hasBegun: status.worker !== undefined,
});

export type QueueState = { paused: boolean; waiting: number; active: number; delayed: number };

/**
 * In which order runs are taken. That is all it decides: what they are and how far they are is in the store. All but `close` throw
 * StoreDownError where its server does not answer, or takes nothing.
 */
export type RunQueue = {
  /** Puts a run in; one that is in already stays as it is, and one that was taken out or is over is put in anew. */
  add(run: string, turn: Turn): Promise<void>;
  /** Has a run that was put off taken as soon as there is a worker; one that is not in is put in. */
  wake(run: string, turn: Turn): Promise<void>;
  /** Takes a run out that is not being worked on. */
  remove(run: string, tags: Tags): Promise<void>;
  /** Nothing more is taken until `resume`; what is at work goes on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  state(): Promise<QueueState>;
  close(): Promise<void>;
};

const connectMs = 10_000;
const closeMs = 3_000;
/** An `add` may wait for half of it until a job is let go of. */
const answerMs = 15_000;
/** How long to wait for the job of a run that nobody has any more, and how often it is looked at. */
const [letGoMs, lookMs] = [5_000, 50];
/** The same where many are woken: whoever is not let go of by then is so a little later, and looks for itself. */
const wakeMs = 500;
/** Jobs that are over tell other programs that look at the queue; we do not need them. */
const kept = { count: 1_000 };
/** The library keeps names of its own beside those of jobs. */
const jobOf = (run: string): string => `run-${run}`;

/** `store` knows which sets of tags there are. Throws SettingsError where the queue cannot be used. */
export async function openRunQueue(
  address: string,
  store: Pick<RunStore, "shared" | "replaceShared">,
): Promise<RunQueue> {
  let problem = "it does not answer";
  const bullmq = await loadBullmq(address, (message) => (problem = message));
  const queues = new Map<string, Queue<RunJob>>();
  const queueOf = (tags: Tags): Queue<RunJob> => {
    const queue = queues.get(String(tags)) ?? bullmq.queue(tags);
    queues.set(String(tags), queue);
    return queue;
  };
  const queue = queueOf([]);
  const close = async (): Promise<void> => {
    // They would wait for ever for a server that has gone.
    const closing = Promise.all([...queues.values()].map((one) => one.close()));
    await within(closing, closeMs).catch(() => undefined);
    bullmq.close();
  };
  try {
    await within(queue.waitUntilReady(), connectMs);
  } catch (cause) {
    await close();
    throw new SettingsError(
      `The queue cannot be used (${problem}). Start its server, or name another one in QUEUE_URL.`,
      { cause },
    );
  }
  return {
    async add(run, turn) {
      if (turn.tags.length > 0) await addTagSet(store, turn.tags);
      await answered(add(queueOf(turn.tags), run, turn));
    },
    wake: (run, turn) => answered(wake(queueOf(turn.tags), run, turn)),
    remove: (run, tags) =>
      answered(
        queueOf(tags)
          .remove(jobOf(run))
          .then(() => undefined),
      ),
    // Whoever takes from the queue of a set of tags looks whether this one is paused.
    pause: () => answered(queue.pause()),
    resume: () => answered(queue.resume()),
    async state() {
      const sets = await knownTagSets(store);
      return answered(stateOf(queue, sets.map(queueOf)));
    },
    close,
  };
}

/** What the library throws is about its server; where that has gone, some of it would wait for ever. */
async function answered<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await within(work, answerMs);
  } catch (cause) {
    throw new StoreDownError(
      `The queue does not do what it is asked for (${messageOf(cause)}). Try again when its server answers.`,
      {
        cause,
      },
    );
  }
}

/** Whoever had the run has let go of it, and is about to put off its job or to end it: only then can something be done with that. */
async function jobLetGo(queue: Queue<RunJob>, run: string, milliseconds: number): Promise<Job<RunJob> | undefined> {
  let job = await queue.getJob(jobOf(run));
  for (const until = Date.now() + milliseconds; job && (await job.isActive()) && Date.now() < until;) {
    await delay(lookMs);
    job = await queue.getJob(jobOf(run));
  }
  return job;
}

/** A job that waits for its time is moved, in one act: between taking it out and putting it in anew it could be lost. */
async function wake(queue: Queue<RunJob>, run: string, turn: Turn): Promise<void> {
  const job = await jobLetGo(queue, run, wakeMs);
  if (!job || (await job.isCompleted()) || (await job.isFailed())) return add(queue, run, turn);
  if (!(await job.isDelayed())) return;
  try {
    await job.promote();
  } catch (thrown) {
    // Its time may just have come.
    if (await job.isDelayed()) throw thrown;
  }
}

async function add(queue: Queue<RunJob>, run: string, { priority, hasBegun = false, at }: Turn): Promise<void> {
  const before = await jobLetGo(queue, run, letGoMs);
  // A second job of the same name would be dropped without a word.
  if (before && ((await before.isCompleted()) || (await before.isFailed()) || (await before.isDelayed())))
    await before.remove();
  const delayMs = at === null ? 0 : Math.max(0, at - Date.now());
  await queue.add(
    "run",
    { run },
    {
      ...{ jobId: jobOf(run), priority: placeOf(priority, hasBegun), delay: delayMs },
      ...{ removeOnComplete: kept, removeOnFail: kept },
    },
  );
}

async function stateOf(untagged: Queue<RunJob>, others: readonly Queue<RunJob>[]): Promise<QueueState> {
  const all = await Promise.all(
    [untagged, ...others].map((queue) => queue.getJobCounts("waiting", "prioritized", "active", "delayed")),
  );
  const count = (name: string): number => all.reduce((sum, counts) => sum + (counts[name] ?? 0), 0);
  return {
    paused: await untagged.isPaused(),
    waiting: count("waiting") + count("prioritized"),
    active: count("active"),
    delayed: count("delayed"),
  };
}
