import type { JournalEvent } from "../events.js";

type Parked = Extract<JournalEvent, { type: "command-parked" }>;
type Asked = Extract<JournalEvent, { type: "command-asked" }>;
type Answered = Extract<JournalEvent, { type: "command-answered" }>;

/** A question for which a run has ended; `answer` is what the user has said to it since, null where that is nothing. */
export type ParkedQuestion = Omit<Parked, "seq" | "type" | "elapsedMs" | "together" | "sum"> & {
  answer: Answer | null;
};

/** What the user said to a parked question, and when (ISO 8601). */
export type Answer = Omit<Answered, "seq" | "type" | "elapsedMs" | "together" | "sum">;

/** Follows the events of a journal: the question that the run waits with, for as long as its process lives; null where it does not wait. */
export function askedAfter(before: ParkedQuestion | null, event: JournalEvent): ParkedQuestion | null {
  if (event.type === "command-asked") return askedIn(event);
  return endsQuestion(event) ? null : before;
}

/** Whether a question that was asked before this is decided with it, or is asked no longer. */
export const endsQuestion = ({ type }: JournalEvent): boolean => endsWaiting.has(type);

/** What is written once a question is decided; requests and findings of others may come while it waits. */
const endsWaiting: ReadonlySet<JournalEvent["type"]> = new Set([
  "command-answered",
  "command-start",
  "step-end",
  "run-end",
  "run-resumed",
]);

/** Null in journals of versions that kept no more than the command. */
function askedIn({ question, preview, ...event }: Asked): ParkedQuestion | null {
  if (question === undefined || preview === undefined) return null;
  const { step, time, command, effect, unconfined, remark } = event;
  return {
    ...{ step, time, question, command, effect, preview, answer: null },
    ...(unconfined !== undefined && { unconfined }),
    ...(remark !== undefined && { remark }),
  };
}

/** Follows the events of a journal: the question that the run has ended for, null where there is none. */
export function parkedAfter(before: ParkedQuestion | null, event: JournalEvent): ParkedQuestion | null {
  switch (event.type) {
    case "command-parked": {
      const { step, time, question, command, effect, unconfined, preview, remark } = event;
      return {
        ...{ step, time, question, command, effect, preview, answer: null },
        ...(unconfined !== undefined && { unconfined }),
        ...(remark !== undefined && { remark }),
      };
    }
    case "command-answered": {
      // The first answer counts, and none to another question.
      if (before === null || before.answer !== null || before.question !== event.question) return before;
      // What else is said at a terminal is no answer to the command.
      if (event.answer !== "run" && event.answer !== "deny") return before;
      const { step, time, question, answer, args, shown, text, by } = event;
      const given = { args, shown, text, by };
      const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      return { ...before, answer: { step, time, question, answer, ...known } };
    }
    case "step-end":
      return null;
    default:
      return before;
  }
}
