import { randomUUID } from "node:crypto";
import { onAbort, setTimer, sleep, type SetTimer } from "../base/abort.js";
import { messageOf } from "../errors.js";
import type { Listener } from "../history/emit.js";
import { notificationOf, type NotifiedRun } from "./notification.js";
import { NotDelivered, type Way } from "./ways.js";

/** How often it is tried, and how long is waited after the first failure; the wait doubles. */
const mostTries = 5;
const firstWaitMs = 1_000;
/** How long one try may take. */
const longestTryMs = 10_000;
/** What waits for its receiver at a time; what comes then is lost. */
const mostWaiting = 100;
/** How long the end of the program waits for what is still under way; less where it was told to end. */
const lastWordsMs = 10_000;
const hurriedMs = 2_000;

export type NotifierOptions = {
  about: NotifiedRun;
  ways: readonly Way[];
  warn(text: string): void;
  /** The clock of tries and waits, the system's unless told. */
  timer?: SetTimer;
};

/** Tells somebody who is away. The run neither waits for it nor fails by it. */
export type Notifier = {
  listener: Listener;
  /** After the run: waits a while for what is under way, and gives up on the rest. */
  close(hurry: boolean): Promise<void>;
};

export function createNotifier({ about, ways, warn, timer = setTimer }: NotifierOptions): Notifier {
  const over = new AbortController();
  const underway = new Set<Promise<void>>();
  let hasWarned = false;
  const fail = (name: string, type: string, problem: string): void => {
    if (hasWarned) return;
    hasWarned = true;
    warn(`WARNING: ${name} did not take a notification (${type}): ${problem}. Of others that fail nothing is said.`);
  };
  const send = async (way: Way, type: string, body: string): Promise<void> => {
    const problem = await handOver(way, body, over.signal, timer);
    if (problem !== null) fail(way.name, type, problem);
  };
  return {
    listener(event) {
      const notification = notificationOf(event, about);
      if (notification === null) return;
      const body = JSON.stringify(notification);
      for (const way of ways) {
        if (underway.size >= mostWaiting) return fail(way.name, notification.type, "too many are waiting for it");
        const sending = send(way, notification.type, body);
        underway.add(sending);
        void sending.finally(() => underway.delete(sending));
      }
    },
    async close(hurry) {
      const all = Promise.all(underway);
      const clear = timer(() => over.abort(), hurry ? hurriedMs : lastWordsMs);
      await all;
      clear();
    },
  };
}

/** Null once the receiver has it, else why it has not. Never rejects. */
async function handOver(way: Way, body: string, over: AbortSignal, timer: SetTimer): Promise<string | null> {
  const id = `msg_${randomUUID()}`;
  for (let tried = 1; ; tried += 1) {
    const problem = await onlyTry(way, { id, body }, over, timer);
    if (problem === null) return null;
    if (!problem.mayPass || tried === mostTries || over.aborted) return problem.message;
    try {
      await sleep(firstWaitMs * 2 ** (tried - 1), over, timer);
    } catch {
      return problem.message;
    }
  }
}

async function onlyTry(
  way: Way,
  { id, body }: { id: string; body: string },
  over: AbortSignal,
  timer: SetTimer,
): Promise<NotDelivered | null> {
  const own = new AbortController();
  const stopListening = onAbort(over, () => own.abort());
  const clear = timer(() => own.abort(), longestTryMs);
  try {
    await way.deliver(id, body, own.signal);
    return null;
  } catch (thrown) {
    if (own.signal.aborted) return new NotDelivered("it took too long", true);
    return thrown instanceof NotDelivered ? thrown : new NotDelivered(messageOf(thrown), false);
  } finally {
    clear();
    stopListening();
  }
}
