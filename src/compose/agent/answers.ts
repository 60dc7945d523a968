import type { Permission } from "../../agent/question.js";
import { whyRefused } from "../../agent/approve.js";
import { RunError } from "../../errors.js";
import type { Emit } from "../../history/emit.js";
import type { Answers, LiveAnswer } from "../../history/questions/answers-file.js";
import type { ParkedQuestion } from "../../history/questions/parked.js";

/** What the user said to the question that a run was parked for. */
export interface RecordedAnswer {
  /** Whether there is something for the command of this step that has not been used. */
  isFor(step: number): boolean;
  /**
   * What it says to this question, which is what would be asked now; null where it is about something else: then it
   * counts for nothing any more. Arguments that the user gave are asked about again, and answered by the same yes.
   */
  take(question: string): Permission | null;
}

/** A yes is to what was shown, and runs it once; a no is to the command, whatever it would do by now. */
export function recordedAnswer(parked: ParkedQuestion | null): RecordedAnswer {
  let left = parked?.answer ?? null;
  let isEdited = false;
  return {
    isFor: (step) => left !== null && left.step === step,
    take(question) {
      const answer = left;
      if (answer === null) return null;
      if (answer.answer !== "run") {
        left = null;
        return answer.answer === "deny" ? { kind: "deny", text: whyRefused(answer.text ?? null) } : null;
      }
      if (answer.args !== undefined && !isEdited && question === answer.question) {
        isEdited = true;
        return { kind: "edit", args: answer.args };
      }
      left = null;
      const wanted = answer.args === undefined ? answer.question : answer.shown;
      return question === wanted ? { kind: "run", count: 1 } : null;
    },
  };
}

export type EitherOptions = {
  /** Asks the person; rejects, or comes to an end, soon after the signal is aborted. */
  ask(signal: AbortSignal): Promise<Permission | { kind: "park" }>;
  answers: Answers;
  emit: Emit;
};

/**
 * What the person says who is asked, or what another process answers to the same question, whichever comes first. An answer from
 * outside stands in the journal before it counts.
 */
export async function askEither(
  asking: { step: number; question: string },
  { ask, answers, emit }: EitherOptions,
): Promise<Permission | { kind: "park" }> {
  const decided = new AbortController();
  let said: Said | null = null;
  let given: LiveAnswer | null = null;
  let first = false;
  const outside = answers.next(asking, decided.signal).then((answer) => {
    given = answer;
    first = said === null && answer !== null;
    if (answer !== null) decided.abort(new Error("The question has been answered by another process."));
  });
  said = await ask(decided.signal).then(
    (permission): Said => ({ permission }),
    (failure: unknown): Said => ({ failure }),
  );
  decided.abort();
  await outside;
  if (given !== null && (first || "failure" in said) && !("failure" in said && said.failure instanceof RunError)) {
    await emit({ type: "command-answered", ...asking, ...(given as LiveAnswer) });
    return permissionOf(given);
  }
  if ("failure" in said) throw said.failure;
  return said.permission;
}

type Said = { permission: Permission | { kind: "park" } } | { failure: unknown };

function permissionOf({ answer, text }: LiveAnswer): Permission {
  switch (answer) {
    case "run":
      return { kind: "run", count: 1 };
    case "deny":
      return { kind: "deny", text: whyRefused(text ?? null) };
    case "feedback":
      return { kind: "feedback", text: text ?? "" };
    case "stop":
      return { kind: "stop" };
  }
}
