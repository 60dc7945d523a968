import type { Permission } from "../../agent/question.js";
import { whyRefused } from "../../agent/approve.js";
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
