import { usualOnApproval } from "../../agent/approve.js";
import type { AskUser, UserQuestion, UserReply } from "../../commands/user-question.js";
import type { Emit } from "../../history/emit.js";
import type { OnApproval } from "../../history/events/beginnings.js";

export type AskUserRequest = {
  continuous: boolean;
  onApproval?: OnApproval | undefined;
  /** Somebody can be asked in continuous mode, too. */
  answerable?: boolean | undefined;
  /** Lets the person answer what a server asks; without it, nobody can be asked. */
  askUser?: AskUser | undefined;
};

/** Who is asked what commands need to know: the person where they can be, which stands in the journal with what they did. */
export function createAskUser(request: AskUserRequest, emit: Emit): (step: number) => AskUser {
  return (step) => async (question, signal) => {
    const reply = await replyTo(request, question, signal);
    const { from, message, asks } = question;
    const fields = asks.kind === "form" ? asks.fields.map(({ name }) => name) : [];
    const address = asks.kind === "address" ? { address: asks.address } : {};
    await emit({ type: "user-questioned", step, from, message, fields, ...address, reply: reply.kind });
    return reply;
  };
}

/** Where the run would park for a command, it does for a question. */
async function replyTo(
  { continuous, onApproval = usualOnApproval(continuous), answerable, askUser }: AskUserRequest,
  question: UserQuestion,
  signal: AbortSignal,
): Promise<UserReply> {
  if (onApproval === "park") return { kind: "nobody", parks: true };
  const isThere = askUser !== undefined && (onApproval === "ask" || answerable === true);
  return isThere ? askUser(question, signal) : { kind: "nobody", parks: false };
}
