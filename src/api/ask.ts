import { whyRefused } from "../agent/approve.js";
import type { Permission, Question } from "../agent/question.js";
import { untilAborted } from "../base/abort.js";
import type { Mask } from "../base/mask.js";
import { messageOf, RunError } from "../errors.js";

/**
 * `always`: yes, and by `rules` of the question from now on. `feedback` is said to the model in place of running the command; `deny`:
 * the command does not run, and the model is told that the user does not allow it, with the reason unless that is "". "no" ends the run,
 * which can be resumed; "park" ends it until the question is answered.
 */
export type Answer = "yes" | "no" | "always" | "park" | { feedback: string } | { deny: string };

/** Answers whether a command may run. */
export type Ask = (question: Question) => Answer | Promise<Answer>;

/** Asks the caller. Without one the answer is "no", as at the end of input. No secret is in what is asked. */
export const createAsk =
  (ask: Ask | undefined, mask: Mask, signal: AbortSignal) =>
  async (question: Question, elsewhere?: AbortSignal): Promise<Permission | { kind: "park" }> => {
    if (ask === undefined) return { kind: "stop" };
    const ended = elsewhere === undefined ? signal : AbortSignal.any([signal, elsewhere]);
    return permissionOf(await untilAborted(answered(ask, mask(question)), ended), question);
  };

async function answered(ask: Ask, question: Question): Promise<Answer> {
  try {
    return await ask(question);
  } catch (thrown) {
    throw new RunError("fault", `ask failed: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** What is no answer runs nothing. */
function permissionOf(answer: Answer, { rules }: Question): Permission | { kind: "park" } {
  if (answer === "yes" || (answer === "always" && rules === null)) return { kind: "run", count: 1 };
  if (answer === "always" && rules !== null) return { kind: "always", rules };
  if (answer === "no") return { kind: "stop" };
  if (answer === "park") return { kind: "park" };
  if (typeof answer === "object" && answer !== null) {
    if ("feedback" in answer && typeof answer.feedback === "string") return { kind: "feedback", text: answer.feedback };
    if ("deny" in answer && typeof answer.deny === "string")
      return { kind: "deny", text: whyRefused(answer.deny.trim() === "" ? null : answer.deny) };
  }
  throw new RunError(
    "fault",
    'ask must answer "yes", "no", "always", "park", { feedback: "some text" } or { deny: "why" }.',
  );
}
