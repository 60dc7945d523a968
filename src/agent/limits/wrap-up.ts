import type { Message } from "../../model/model.js";

/** What the model is told before a step behind which a limit ends the run; null where more are to come. */
export type WrapUp = (step: number, messages: readonly Message[]) => string | null;

/** `paysForMore` says whether the budget pays for a further request behind one with these messages. */
export const createWrapUp =
  (limitSteps: number | null, paysForMore: (messages: readonly Message[]) => boolean): WrapUp =>
  (step, messages) => {
    if (limitSteps !== null && step >= limitSteps) return `This is your last step. ${wrapUp}`;
    return paysForMore(messages) ? null : `The budget left pays for about one more request. ${wrapUp}`;
  };

/** As short as the room is that each request leaves for its last message. */
const wrapUp = "Begin nothing new: save what matters, or use task_complete to say what is done and what is not.";
