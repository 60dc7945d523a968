import type { UserQuestion, UserReply } from "../../../commands/user-question.js";
import type { Emit } from "../../../history/emit.js";
import { readServerAnswers, writeServerAnswers } from "../../../history/questions/server-answers.js";
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
  return {
    async take({ step, question }, { from, asks }) {
      const found = [...unused].find(([, answer]) => answer.question === question);
      if (found === undefined) return null;
      const [id, { reply }] = found;
      unused.delete(id);
      const kept = await readServerAnswers(directory);
      const values = kept.find((one) => one.id === id && one.question === question)?.values ?? null;
      const problem = await problemWith({ reply, values, asks });
      if (problem !== null) warn(`WARNING: what was answered to ${from} is not given to its server: ${problem}`);
      await emit({ type: "answer-given", step, question, id });
      await writeServerAnswers(
        directory,
        kept.filter((one) => unused.has(one.id)),
      );
      if (problem !== null) return null;
      return reply === "answered" ? { kind: reply, answers: values ?? {} } : { kind: reply };
    },
  };
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
