import { usualOnApproval } from "../../../agent/approve.js";
import { untilAborted } from "../../../base/abort.js";
import type { Mask } from "../../../base/mask.js";
import type { AskUser, UserQuestion, UserReply } from "../../../commands/user-question.js";
import type { Emit } from "../../../history/emit.js";
import type { OnApproval } from "../../../history/events/beginnings.js";
import { serverQuestionOf, type ServerAsked } from "../../../history/questions/server-questions.js";
import { stableJson } from "../../../base/json.js";
import type { GivenAnswers } from "./given-answers.js";

export type AskUserRequest = {
  continuous: boolean;
  onApproval?: OnApproval | undefined;
  /** Somebody can be asked in continuous mode, too. */
  answerable?: boolean | undefined;
  /** Lets the person answer what a server asks; without it, nobody can be asked. */
  askUser?: AskUser | undefined;
};

export type AskUserParts = {
  emit: Emit;
  mask: Mask;
  /** What the user has answered to questions that the run had parked with. */
  given: GivenAnswers;
};

/** A longer schema is not kept, so a person who comes later cannot be shown the form. In characters of JSON. */
const longestSchema = 20_000;

/**
 * Who is asked what commands need to know: the person where they can be, which stands in the journal with what they did; what they have
 * answered to the same question since the run parked with it is given once.
 */
export function createAskUser(request: AskUserRequest, { emit, mask, given }: AskUserParts): (step: number) => AskUser {
  return (step) => {
    const times = new Map<string, number>();
    return async (question, signal) => {
      const asked = askedOf(mask(plainOf(question)), times);
      const id = serverQuestionOf(asked);
      const stored = await given.take({ step, question: id }, question);
      const reply = stored ?? (await replyTo(request, question, signal).catch(lapsed(signal)));
      const { message, address, schema } = asked;
      const parked = reply.kind === "nobody" && reply.parks;
      const fields = question.asks.kind === "form" ? question.asks.fields.map(({ name }) => name) : [];
      const isKept = schema !== null && JSON.stringify(schema).length <= longestSchema;
      await emit({
        ...{ type: "user-questioned", step, from: question.from, message, fields, reply: reply.kind },
        ...(address !== null && { address }),
        ...((parked || stored !== null) && { question: id, ...(isKept && { schema }) }),
        ...(asked.before > 0 && { before: asked.before }),
        ...(parked && { parked }),
      });
      if (stored === null) signal.throwIfAborted();
      return reply;
    };
  };
}

/** What became of a question that nobody waits for an answer to any more. */
const lapsed =
  (signal: AbortSignal) =>
  (thrown: unknown): UserReply => {
    if (!signal.aborted) throw thrown;
    return { kind: "dismissed" };
  };

type Plain = Omit<ServerAsked, "before">;

const plainOf = ({ from, args, message, asks }: UserQuestion): Plain => ({
  command: { name: from, args: { ...args } },
  message,
  schema: asks.kind === "form" ? asks.schema : null,
  address: asks.kind === "address" ? asks.address : null,
});

/** Counts how often the same was asked in this call. */
function askedOf(plain: Plain, times: Map<string, number>): ServerAsked {
  const key = stableJson(plain);
  const before = times.get(key) ?? 0;
  times.set(key, before + 1);
  return { ...plain, before };
}

/** Where the run would park for a command, it does for a question. */
async function replyTo(
  { continuous, onApproval = usualOnApproval(continuous), answerable, askUser }: AskUserRequest,
  question: UserQuestion,
  signal: AbortSignal,
): Promise<UserReply> {
  if (onApproval === "park") return { kind: "nobody", parks: true };
  const isThere = askUser !== undefined && (onApproval === "ask" || answerable === true);
  // Whoever asks the person may not listen to the signal.
  return isThere ? untilAborted(askUser(question, signal), signal) : { kind: "nobody", parks: false };
}
