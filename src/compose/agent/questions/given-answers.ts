import type { UserQuestion, UserReply } from "../../../commands/user-question.js";
import { messageOf } from "../../../errors.js";
import type { Emit } from "../../../history/emit.js";
import {
  pruneServerAnswers,
  readServerAnswers,
  writeServerAnswers,
} from "../../../history/questions/server-answers.js";
import type { RecordedRun } from "../../../history/read-run.js";

/** What the user has answered, while no process worked on the run, to questions of servers. */
export interface GivenAnswers {
  /** The answer to this very question, which counts no more from then on; null where there is none. */
  take(asking: { step: number; question: string }, question: UserQuestion): Promise<UserReply | null>;
}

export type GivenAnswersOptions = {
  /** The run's folder. */
  directory: string;
  /** What the journal says of the run's earlier part; null: it has none. */
  recorded: Pick<RecordedRun, "serverQuestions"> | null;
  emit: Emit;
  warn(text: string): void;
};

/**
 * Answers that wait to be given. That one is given is in the journal, on disk, before the server gets it: a kill in between loses the
 * answer, and gives none twice. Then it is taken out of its file.
 */
export function createGivenAnswers({ directory, recorded, emit, warn }: GivenAnswersOptions): GivenAnswers {
  const unused = new Map(recorded?.serverQuestions.unused ?? []);
  const notTaken = (thrown: unknown): void =>
    warn(`WARNING: answers to servers that count no more are still in ${directory}: ${messageOf(thrown)}`);
  const pruned = recorded === null ? Promise.resolve() : pruneServerAnswers(directory, unused).catch(notTaken);
  if (recorded !== null) sayInterrupted(recorded.serverQuestions, warn);
  return {
    async take({ step, question }, { from, asks }) {
      const found = [...unused].find(([, answer]) => answer.question === question);
      if (found === undefined) return null;
      const [id, { reply }] = found;
      unused.delete(id);
      await pruned;
      const kept = await readServerAnswers(directory);
      const values = kept.find((one) => one.id === id && one.question === question)?.values ?? null;
      const problem = await problemWith({ reply, values, asks });
      if (problem !== null) warn(`WARNING: what was answered to ${from} is not given to its server: ${problem}`);
      await emit({ type: "answer-given", step, question, id });
      // The journal has said that it is given: where it cannot be taken out now, it is with the next start.
      const left = kept.filter((one) => unused.has(one.id));
      await writeServerAnswers(directory, left).catch(notTaken);
      if (problem !== null) return null;
      return reply === "answered" ? { kind: reply, answers: values ?? {} } : { kind: reply };
    },
  };
}

/** The program was ended between that an answer was given and that its step ended: nobody knows whether the server got it. */
function sayInterrupted({ call, given }: RecordedRun["serverQuestions"], warn: (text: string) => void): void {
  if (call === null || given === 0) return;
  warn(
    `WARNING: the program was ended right after ${given === 1 ? "an answer" : `${given} answers`} of yours went to the server of ${call.name}, ` +
      "which may or may not have got it. It is not given again: where the server asks the same once more, you are asked.",
  );
}

type Found = {
  reply: string;
  values: Readonly<Record<string, unknown>> | null;
  asks: UserQuestion["asks"];
};

/** Why it cannot be given, in a sentence; null where it can. */
async function problemWith({ reply, values, asks }: Found): Promise<string | null> {
  if (reply !== "answered" || asks.kind === "address") return null;
  if (values === null) return "the file with it is gone, or was changed by hand. The question is asked anew.";
  const misfit = await asks.check(values);
  return misfit === null ? null : `it does not fit any more: ${misfit}. The question is asked anew.`;
}
