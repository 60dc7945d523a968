import { runWith, type OwnOptions, type RunOptions } from "../api/run.js";
import type { Question } from "../agent/question.js";
import type { Answer } from "../api/ask.js";
import type { Mask, StreamMask } from "../base/mask.js";
import { ParkedError, type RunError } from "../errors.js";
import type { JournalEvent, RunEnd } from "../history/events.js";
import { tellRun } from "../history/questions/messages.js";
import { runDirectory } from "../history/runs.js";
import { createAskUser } from "./ask-user.js";
import { createDiffs } from "./shown/diffs.js";
import { askPermission, askTrust } from "./permission.js";
import type { ClientCapabilities } from "./protocol.js";
import { createSender, type SenderOptions } from "./sender.js";
import { createLiveThoughts, type LiveThoughts } from "./shown/live-thoughts.js";
import { createUpdates, message, type Updates } from "./shown/updates.js";

export type TurnOptions = SenderOptions & {
  capabilities: ClientCapabilities;
  cwd: string;
  home: string;
  workspace: string;
  mask: Mask;
  /** What of the session's commands the editor has been told of. */
  announced: Set<string>;
  run: Pick<RunOptions, "ai" | "settings" | "resume" | "tell" | "workspace">;
  own: OwnOptions;
};

/** A run, or a part of one, that answers a prompt. */
export interface Turn {
  /** Resolves to how it ended, once all that was said meanwhile is on disk; rejects where it could not begin. */
  readonly ended: Promise<RunEnd>;
  /** What the person says meanwhile: to an open question it is the answer, else the AI hears it before its next step. */
  hear(text: string): Promise<void>;
  stop(reason: RunError): void;
}

export function startTurn(options: TurnOptions): Turn {
  const { home, mask } = options;
  const abort = new AbortController();
  const speech = createSpeech(options, abort.signal);
  let run: string | null = null;
  /** What was said before the run had begun. */
  const early: string[] = [];
  let told: Promise<unknown> = Promise.resolve();
  const tell = (name: string, texts: readonly string[]): Promise<void> => {
    const telling = told.then(async () => {
      for (const text of texts) await tellRun(runDirectory(home, name), mask(text), new Date());
    });
    told = telling.catch(() => undefined);
    return telling;
  };
  const ended = runWith(
    {
      ...options.run,
      cwd: options.cwd,
      signal: abort.signal,
      ask: (question) => speech.ask(question),
      askTrust: (lines, question) => askTrust({ ...options, signal: abort.signal }, lines, question),
      async onEvent(event) {
        if (event.type === "run-start" || event.type === "run-resumed") {
          run = speech.begin(event);
          await tell(run, early.splice(0));
        }
        await speech.hear(event);
      },
      onWarning: (text) => void speech.say(text),
    },
    {
      ...options.own,
      toldAnswers: true,
      hearReply: speech.hearReply,
      askUser: createAskUser({ ...options, say: speech.say }),
    },
  );
  return {
    ended: ended.finally(() => Promise.all([told, speech.settled()])),
    stop(reason) {
      // A question that nobody can answer any more is kept, so that it can be answered later.
      if (!(reason instanceof ParkedError && speech.answer("park"))) abort.abort(reason);
    },
    async hear(text) {
      if (speech.answer({ feedback: text })) return;
      if (run === null) early.push(text);
      else await tell(run, [text]);
    },
  };
}

type Hearing = ReturnType<NonNullable<OwnOptions["hearReply"]>>;

type Speech = {
  /** The run that begins or goes on; its name. */
  begin(event: Extract<JournalEvent, { type: "run-start" | "run-resumed" }>): string;
  hear(event: JournalEvent): Promise<void>;
  /** Hears replies of the run while they come; what is secret in them is known by its mask. */
  hearReply(mask: StreamMask): Hearing;
  say(text: string): Promise<void>;
  ask(question: Question): Promise<Answer>;
  /** Answers an open question; false where there is none. */
  answer(given: Answer): boolean;
  /** Resolves once all has been said. */
  settled(): Promise<void>;
};

/** What is said to the editor of a run, in its order. */
function createSpeech(options: TurnOptions, signal: AbortSignal): Speech {
  const { client, sessionId, announced } = options;
  const diffs = createDiffs();
  let workspace = options.workspace;
  let live: LiveThoughts | undefined;
  const updatesOf = (run: string): Updates =>
    createUpdates({ run, workspace, told: false, ...(live && { live }) }, announced);
  let updates = updatesOf("");
  let answer: ((given: Answer) => void) | null = null;
  const { send, settled } = createSender(options);
  return {
    begin(event) {
      const run = event.type === "run-start" ? event.run : String(options.run.resume);
      workspace = event.type === "run-start" ? event.workspace : workspace;
      updates = updatesOf(run);
      return run;
    },
    async hear(event) {
      if (event.type === "command-start") await diffs.before(event.step, event.command, workspace);
      const dropped = leavesReply.has(event.type) ? (live?.drop() ?? []) : [];
      await send([...dropped, ...updates.of(event, event.type === "step-end" ? await diffs.after(event.step) : [])]);
    },
    hearReply(mask) {
      const { hear, think } = (live = createLiveThoughts(mask));
      return { onText: (piece) => void send(hear(piece)), onThinking: (piece) => void send(think(piece)) };
    },
    say: (text) => send(message(text)),
    async ask(question) {
      const over = new AbortController();
      const said = new Promise<Answer>((resolve) => (answer = resolve));
      try {
        await send(updates.call(question.step, question.command));
        const asking = { client, sessionId, signal: AbortSignal.any([signal, over.signal]) };
        const about = { toolCallId: updates.idOf(question.step), workspace };
        return await Promise.race([askPermission(asking, question, about), said]);
      } finally {
        answer = null;
        over.abort();
      }
    },
    answer(given) {
      const take = answer;
      answer = null;
      take?.(given);
      return take !== null;
    },
    settled,
  };
}

/** Behind these a reply that is coming, and is not read by then, comes to nothing. */
const leavesReply: ReadonlySet<JournalEvent["type"]> = new Set(["context-built", "model-retry", "step-end", "run-end"]);
