import type { Step } from "../history/events.js";
import type { Message } from "../model/model.js";
import type { TokenCounter } from "../model/tokens.js";
import { asData } from "../base/text.js";

/** The most that one step may take of the context: a third, so that the newest step always fits after a cut. */
const stepShare = 3;
const leastTokens = 40;
const overheadTokens = 40;

/** How many tokens a result may have so that it is shown whole beside a reply of this many tokens. */
export const resultTokens = (budget: number, replyTokens: number): number =>
  Math.max(leastTokens, Math.floor(budget / stepShare) - replyTokens - overheadTokens);

export type ShownStep = {
  messages: [reply: Message, result: Message];
  tokens: number;
  /** Nothing of it was shortened. */
  isWhole: boolean;
};

const shown = new WeakMap<Step, ShownStep & { budget: number; exact: boolean }>();

/**
 * The two messages of a step: the reply as it came, and what came of it, in a frame that marks it as data. What is too
 * long for the budget is shortened with a marker; the outcome depends on step and budget alone, never on the step's age.
 */
export function showStep(step: Step, budget: number, counter: TokenCounter): ShownStep {
  const known = shown.get(step);
  if (known && known.budget === budget && known.exact === counter.exact) return known;
  const replied = isReplyless(step) ? noReply : step.text;
  const reply = shorten(replied, Math.max(leastTokens, Math.floor(budget / stepShare / 2)), counter);
  const result = shorten(step.result.text, resultTokens(budget, counter.count(reply)), counter);
  const happened = step.outcome === "ran" || step.outcome === "unfinished";
  const plain: ShownStep["messages"] = [
    { role: "assistant", content: reply },
    { role: "user", content: happened ? asData(`result of step ${step.step}`, result) : result },
  ];
  const fits = (messages: readonly Message[]): boolean =>
    counter.messageTokens(messages) - counter.messageTokens([]) <= Math.floor(budget / stepShare);
  // A request counts for some tokens by itself, which a step of it does not.
  const messages = withReasoning(step, plain, fits);
  const tokens = counter.messageTokens(messages) - counter.messageTokens([]);
  const isWhole = reply === replied && result === step.result.text && (!step.reasoning || messages !== plain);
  const made = { messages, tokens, isWhole, budget, exact: counter.exact };
  shown.set(step, made);
  return made;
}

/** The messages with what the model thought before, where all of the step fits with it and its reply is whole. */
function withReasoning(
  { text, reasoning }: Step,
  messages: ShownStep["messages"],
  fits: (messages: readonly Message[]) => boolean,
): ShownStep["messages"] {
  const [reply, result] = messages;
  if (!reasoning || reply.content !== text) return messages;
  const more: ShownStep["messages"] = [{ ...reply, reasoning }, result];
  return fits(more) ? more : messages;
}

/** Some servers take no empty reply, and others no two messages of a user's in a row. */
const noReply = "[The user stopped me before I had replied.]";
const isReplyless = ({ text, outcome, command }: Step): boolean =>
  text === "" && outcome === "feedback" && command === null;

/** Hardly any text has more characters than this in a token. */
const mostCharacters = 8;

/** The text itself, or its beginning with a note of how much is left out. */
export function shorten(text: string, tokens: number, counter: TokenCounter): string {
  // What is counted whole is known from then on; of what is much too long, only the beginning is counted.
  if (text.length <= tokens * mostCharacters && counter.count(text) <= tokens) return text;
  const fitting = counter.fittingLength(text, tokens);
  if (fitting >= text.length) return text;
  return `${text.slice(0, fitting)}\n[shortened: the first ${fitting} of ${text.length} characters are shown]`;
}
