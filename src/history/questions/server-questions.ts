import { createHash } from "node:crypto";
import { stableJson } from "../../base/json.js";
import type { CommandCall } from "../event-parts.js";
import type { JournalEvent } from "../events.js";

type Questioned = Extract<JournalEvent, { type: "user-questioned" }>;
type Answered = Extract<JournalEvent, { type: "user-answered" }>;

/** What a server asks, without secrets: as it is shown, and as the journal keeps it. */
export type ServerAsked = {
  /** The call in which it is asked. */
  command: CommandCall;
  message: string;
  /** The JSON Schema of an answer; null where something is to be done at an address. */
  schema: Readonly<Record<string, unknown>> | null;
  address: string | null;
  /** How often the very same was asked before it in this call. */
  before: number;
};

/**
 * What a server's question is known by: a SHA-256 of the call, the question, and which time it is asked in the call. A server that asks
 * twice is answered twice.
 */
export const serverQuestionOf = ({ command: { name, args }, message, schema, address, before }: ServerAsked): string =>
  createHash("sha256").update(stableJson({ name, args, message, schema, address, before })).digest("hex");

/** A question of a server that a run has parked with, and what the user has done with it since; null: nothing yet. */
export type ServerQuestion = Pick<Questioned, "step" | "time" | "message" | "fields"> & {
  question: string;
  command: CommandCall;
  /** Null where an address is to be opened, and where it was too long to be kept: such a form cannot be answered from elsewhere. */
  schema: Readonly<Record<string, unknown>> | null;
  address: string | null;
  before: number;
  answer: Pick<Answered, "id" | "time" | "reply" | "by"> | null;
};

/** What the events of a journal say of servers' questions so far. */
export type ServerQuestions = {
  /** Those that the run has parked with, in the order in which they were asked; none once it has gone on. */
  waiting: readonly ServerQuestion[];
  /** The answers that have not been given to a server, by their ids. */
  unused: ReadonlyMap<string, Pick<Answered, "question" | "reply">>;
  /** Of the step that is at work: its call, what was asked in it, and how many kept answers were given in it. */
  call: CommandCall | null;
  asked: readonly ServerQuestion[];
  given: number;
};

export const noServerQuestions: ServerQuestions = { waiting: [], unused: new Map(), call: null, asked: [], given: 0 };

/** Follows the events of a journal. */
export function serverQuestionsAfter(before: ServerQuestions, event: JournalEvent): ServerQuestions {
  switch (event.type) {
    case "command-start":
      return { ...before, call: event.command, asked: [], given: 0 };
    case "user-questioned":
      return { ...before, asked: [...before.asked, ...askedIn(event, before.call)] };
    case "step-end":
      return {
        ...before,
        waiting: event.result.stop === "parked" ? before.asked : [],
        call: null,
        asked: [],
        given: 0,
      };
    case "context-built":
      return before.waiting.length === 0 ? before : { ...before, waiting: [] };
    case "user-answered": {
      const { id, question, time, reply, by } = event;
      const index = before.waiting.findIndex((one) => one.question === question && one.answer === null);
      if (index === -1) return before;
      const answer = { id, time, reply, ...(by !== undefined && { by }) };
      const waiting = before.waiting.map((one, at) => (at === index ? { ...one, answer } : one));
      return { ...before, waiting, unused: new Map([...before.unused, [id, { question, reply }]]) };
    }
    case "answer-given": {
      const unused = new Map([...before.unused].filter(([id]) => id !== event.id));
      return { ...before, unused, given: before.given + 1 };
    }
    default:
      return before;
  }
}

/** None in journals of versions that did not keep it, and where a person was there to be asked. */
function askedIn(event: Questioned, command: CommandCall | null): ServerQuestion[] {
  const { step, time, message, fields, question, schema = null, address = null, before = 0 } = event;
  if (question === undefined || command === null) return [];
  return [{ ...{ step, time, message, fields, question, command, schema, address, before }, answer: null }];
}

/** Whether it is the one that was asked, so far as that can be told: a schema that was not kept is not known. */
export const isAsAsked = (asked: ServerQuestion): boolean =>
  (asked.schema === null && asked.address === null) || serverQuestionOf(asked) === asked.question;

/** Those that nobody has answered yet. */
export const unansweredOf = ({ waiting }: Pick<ServerQuestions, "waiting">): ServerQuestion[] =>
  waiting.filter(({ answer }) => answer === null);
