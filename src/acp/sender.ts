import { setTimer, untilAborted, type SetTimer } from "../base/abort.js";
import type { Client, Update } from "./protocol.js";

export type SenderOptions = {
  client: Client;
  sessionId: string;
  /** Is aborted when nobody reads any more what is said: it is not waited for then. */
  gone: AbortSignal;
  /** The clock by which silence is measured, the system's unless told. */
  timer?: SetTimer | undefined;
};

/** Sends updates of a session in their order. */
export interface Sender {
  /** Resolves once they are sent, or nobody is there any more: such an editor ends the run in another way. */
  send(updates: readonly Update[]): Promise<void>;
  /** Resolves once all has been sent. Nothing is sent afterwards but what it is given. */
  settled(): Promise<void>;
}

/** An editor that closes only our output is noticed when we write; so in a run that has nothing to say, something is said. */
const longestSilenceMs = 15_000;

export function createSender({ client, sessionId, gone, timer = setTimer }: SenderOptions): Sender {
  const waiting: Update[] = [];
  let last: Promise<void> = Promise.resolve();
  let isOver = false;
  let updatedAt = new Date().toISOString();
  let unset = (): void => undefined;

  const notify = (update: Update): Promise<void> =>
    untilAborted(client.notify("session/update", { sessionId, update }), gone);
  const listen = (): void => {
    unset();
    if (!isOver && !gone.aborted)
      unset = timer(
        () => void notify({ sessionUpdate: "session_info_update", updatedAt }).then(listen, stop),
        longestSilenceMs,
      );
  };
  const stop = (): void => void (isOver = true);
  const flush = async (): Promise<void> => {
    try {
      for (let update = waiting.shift(); update !== undefined; update = waiting.shift()) await notify(update);
      updatedAt = new Date().toISOString();
    } catch {
      waiting.length = 0;
    }
    listen();
  };
  listen();
  return {
    send(updates) {
      for (const update of updates) addTo(waiting, update);
      if (waiting.length > 0) last = last.then(flush);
      return last;
    },
    async settled() {
      isOver = true;
      await last;
      unset();
    },
  };
}

/** What waits for a slow editor grows with the text and not with the number of its pieces. */
function addTo(waiting: Update[], next: Update): void {
  const last = waiting.at(-1);
  const joined = last && joinedTexts(last, next);
  if (joined) waiting[waiting.length - 1] = joined;
  else waiting.push(next);
}

/** Two pieces of one message as one; undefined where they are none. */
function joinedTexts(one: Update, other: Update): Update | undefined {
  if (one.sessionUpdate !== "agent_thought_chunk" || other.sessionUpdate !== "agent_thought_chunk") return undefined;
  if (!one.messageId || one.messageId !== other.messageId) return undefined;
  const [before, behind] = [one.content, other.content];
  if (before.type !== "text" || behind.type !== "text") return undefined;
  return { ...other, content: { type: "text", text: before.text + behind.text } };
}
