import type { Permission, Question } from "../agent/question.js";
import { untilAborted } from "../base/abort.js";
import type { Mask } from "../base/mask.js";
import { messageOf, RunError } from "../errors.js";

/** `feedback` is said to the model in place of running the command; "no" ends the run, which can be resumed. */
export type Answer = "yes" | "no" | { feedback: string };

/** Answers whether a command may run. */
export type Ask = (question: Question) => Answer | Promise<Answer>;

/** Asks the caller. Without one the answer is "no", as at the end of input. No secret is in what is asked. */
export const createAsk =
  (ask: Ask | undefined, mask: Mask, signal: AbortSignal) =>
  async (question: Question, elsewhere?: AbortSignal): Promise<Permission> => {
    if (ask === undefined) return { kind: "stop" };
    const ended = elsewhere === undefined ? signal : AbortSignal.any([signal, elsewhere]);
    return permissionOf(await untilAborted(answered(ask, mask(question)), ended));
  };

async function answered(ask: Ask, question: Question): Promise<Answer> {
  try {
    return await ask(question);
  } catch (thrown) {
    throw new RunError("fault", `ask failed: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** What is no answer runs nothing. */
function permissionOf(answer: Answer): Permission {
  if (answer === "yes") return { kind: "run", count: 1 };
  if (answer === "no") return { kind: "stop" };
  if (typeof answer?.feedback === "string") return { kind: "feedback", text: answer.feedback };
  throw new RunError("fault", 'ask must answer "yes", "no" or { feedback: "some text" }.');
}
