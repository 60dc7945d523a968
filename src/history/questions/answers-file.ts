import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { messageOf } from "../../errors.js";
import { saidFile, saidLine } from "./said-file.js";

const liveAnswers = ["run", "deny", "feedback", "stop"] as const;

const answerLine = saidLine.extend({
  step: z.int().min(1),
  question: z.string(),
  answer: z.enum(liveAnswers),
  text: z.string().optional(),
});

/** What another process answers to a question that a run waits with; `text`: the reason of a no, or what the AI is told. */
export type LiveAnswer = { answer: (typeof liveAnswers)[number]; text?: string };

/** Which question: the step that it is asked in, and its digest. */
export type Asking = { step: number; question: string };

const answersOf = (runDirectory: string) =>
  saidFile(join(runDirectory, "answers.jsonl"), answerLine, { by: "approve" });

/** Hands this answer to the process that works on the run; it is on disk when this resolves. Whether it counts, the journal says. */
export const answerLive = (runDirectory: string, asking: Asking, answer: LiveAnswer, now: Date): Promise<void> =>
  answersOf(runDirectory).add({ ...asking, ...answer }, now);

/** What other processes answer while a run waits with a question. */
export interface Answers {
  /** Forgets what has been said so far: an answer is to a question that stands, not to one of the same words earlier or later. */
  forget(): Promise<void>;
  /** The first answer to this question since then; null once the signal is aborted. */
  next(asking: Asking, signal: AbortSignal): Promise<LiveAnswer | null>;
}

/** How often the file is looked at while a question stands, in milliseconds: a person who answers does not notice it. */
const lookMs = 100;

/** `warn` hears of a file that was changed by hand, once for each change. */
export function openAnswers(runDirectory: string, warn: (text: string) => void): Answers {
  const file = answersOf(runDirectory);
  const fresh = () =>
    file.news().catch((thrown: unknown) => {
      warn(`WARNING: ${messageOf(thrown)}`);
      return [];
    });
  return {
    forget: async () => void (await fresh()),
    async next({ step, question }, signal) {
      while (!signal.aborted) {
        const found = (await fresh()).find((line) => line.step === step && line.question === question);
        if (found) return { answer: found.answer, ...(found.text !== undefined && { text: found.text }) };
        await delay(lookMs, undefined, { signal }).catch(() => undefined);
      }
      return null;
    },
  };
}
