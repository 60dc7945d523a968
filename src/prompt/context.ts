import type { ContextCounts, Step } from "../history/events.js";
import { keepResults } from "../base/keeping/kept-results.js";
import type { Recalled } from "../memory/memory.js";
import type { Message } from "../model/model.js";
import { roughCounter, type TokenCounter } from "../model/tokens.js";
import { followSteps, hasResumed, type Room } from "./window.js";
import { standsWhole } from "./ledger.js";
import { fittingMemories, recordOf, type ShownMemory } from "./memories.js";
import { reminder, triggers } from "./texts.js";

/**
 * What recalled text may take of a request: at most so many tokens, and this share of the budget unless it is told otherwise. No later
 * request has what is recalled, so in a small window it would cost most of the prompt's cache.
 */
const mostMemoryTokens = 1_000;
const memoryShare = 1 / 24;
/** What the time, the trigger and the overhead of the last message take at the most. */
const lastMessageTokens = 100;
const recentMessages = 9;

export type ContextParts = {
  systemPrompt: string;
  /** What memory is asked before there is any history: role and goals. */
  purpose: string;
  steps: readonly Step[];
  /** Steps that are left out of the history: the ledger alone tells of them. */
  leftOut?: readonly Step[];
  /** What holds from the run's beginning and stands in no other message, for the ledger; a line each. */
  standing?: readonly string[];
  /** What recalled text may take, in tokens, within the most that it may; a share of the budget unless told. */
  memoryTokens?: number | undefined;
  /** What the ledger is condensed to, in tokens; at most a sixth of the budget. */
  ledgerTokens?: number | undefined;
  /** The context budget in tokens. A request may exceed it only when the system prompt and the newest step alone do. */
  budget: number;
  counter: TokenCounter;
  /** What the program has to say about the run, in its last message; null for nothing. */
  remark?: string | null;
  /** What it says besides, depending on all that is sent: of at most 45 tokens; null for nothing. */
  closing?(messages: readonly Message[]): string | null;
  now: Date;
  /**
   * Recalls what resembles the query, best first, leaving out what the history shows from `fromStep` on. `near`: what memory has of
   * the steps that the query is made from, or of some of them.
   */
  recall(query: string, fromStep: number, near: readonly string[]): Promise<Recalled[]>;
};

/** What the choice of steps does not depend on. */
type LaterParts = "counter" | "closing" | "now" | "recall";

export type Context = { messages: Message[]; counts: ContextCounts };

/**
 * System prompt, the ledger of what the history does not show any more, as much history as fits, and a last message with what
 * changes every step. History is only ever cut from its old end, and then to a third of the budget at once, and the
 * ledger changes at such a cut alone, so that in most steps a request without its last message is a prefix of the next one.
 * Memories give way before history, the worst match first. Ends for every input.
 */
export async function buildContext(parts: ContextParts): Promise<Context> {
  const { counter } = parts;
  const { system, visible, history, ledger, used, left } = showHistory(parts);
  const memories = await recallWithin(parts, visible, history, left);
  const texts = memories.map(({ text }) => text);
  const before = [system, ...ledger, ...history];
  const plain: Message = { role: "user", content: lastMessage(parts, texts) };
  const closing = parts.closing?.([...before, plain]) ?? null;
  const last = closing === null ? plain : { ...plain, content: lastMessage(parts, texts, closing) };
  const messages = [...before, last];
  return {
    messages,
    counts: {
      tokens: used + counter.messageTokens([system, last]),
      messages: messages.length,
      memories: memories.length,
      recalled: memories.map(({ note }) => note),
    },
  };
}

/** The messages that stay from step to step, what they take without the first, and what is left for memories, in tokens. */
function showHistory(parts: Omit<ContextParts, "closing" | "now" | "recall">) {
  const { systemPrompt, steps, budget, counter, remark } = parts;
  const system = systemMessage(systemPrompt);
  const fixedTokens = counter.messageTokens([system]) + lastMessageTokens;
  const room = roomOf(parts, budget - fixedTokens);
  const remarkTokens = remark ? counter.count(remark) : 0;
  const usual = followSteps(steps, room, counter);
  const fits = usual.used + usual.ledger.tokens + remarkTokens <= room.tokens;
  // What is said once must not move the cuts of the steps behind it.
  const window = fits ? usual : followSteps(steps, roomOf(parts, room.tokens - remarkTokens), counter, "once");
  const visible = steps.slice(window.first);
  const used = window.used + window.ledger.tokens;
  return {
    system,
    visible,
    history: window.messages,
    ledger: window.ledger.messages,
    used,
    left: room.tokens - remarkTokens - used,
  };
}

/** The same object for the same prompt: what has its JSON, or its number on tape, then knows it without reading it. */
const systemMessage = keepResults((content): Message => ({ role: "system", content }), { texts: 8 });

/**
 * How many tokens the context of these steps has at the most, by the estimate, without what memory recalls. Null where by
 * that something might have to be shortened or left out: then tokens are to be counted. What is not null has the same
 * messages by either count.
 */
export function sizeByEstimate(parts: Omit<ContextParts, LaterParts>): number | null {
  const { systemPrompt, steps, leftOut = [], standing = [], budget, remark } = parts;
  if (leftOut.length > 0 || outgrown.has(steps) || hasResumed(steps)) return null;
  const fixedTokens = roughCounter.messageTokens([{ role: "system", content: systemPrompt }]) + lastMessageTokens;
  const room = roomOf(parts, budget - fixedTokens);
  if (!standsWhole(standing, { usual: room.ledgerTokens, most: room.tokens }, roughCounter)) return null;
  const { first, used, isWhole, ledger } = followSteps(steps, room, roughCounter, "to-cut");
  const shown = used + ledger.tokens;
  const fits = first === 0 && isWhole && shown <= room.tokens;
  if (!fits) outgrown.add(steps);
  // A remark comes and goes; what the steps themselves have outgrown stays so.
  const remarkTokens = remark ? roughCounter.count(remark) : 0;
  return fits && shown + remarkTokens <= room.tokens ? fixedTokens + shown + remarkTokens : null;
}

/** Lists of steps that do not fit by the estimate: to look again at each step would cost as much as all of them. */
const outgrown = new WeakSet<readonly Step[]>();

const roomOf = (
  { budget, standing = [], leftOut = [], ledgerTokens = Infinity }: Omit<ContextParts, LaterParts>,
  tokens: number,
): Room => ({
  tokens,
  budget,
  standing,
  leftOut,
  ledgerTokens: Math.min(ledgerTokens, budget / 6),
});

async function recallWithin(
  parts: ContextParts,
  visible: readonly Step[],
  history: readonly Message[],
  room: number,
): Promise<ShownMemory[]> {
  const tokens = memoryRoom(parts, room);
  if (tokens <= 0) return [];
  const fromStep = visible[0]?.step ?? 1;
  const recalled = await parts.recall(queryOf(parts, history), fromStep, nearOf(parts, visible));
  return fittingMemories(recalled, tokens, parts.counter);
}

/** What memories may take of this room, in tokens. */
function memoryRoom({ steps, budget, memoryTokens }: Omit<ContextParts, LaterParts>, room: number): number {
  // Of a run's first request nothing was sent before.
  const share = steps.length === 0 ? mostMemoryTokens : budget * memoryShare;
  return Math.min(memoryTokens ?? share, mostMemoryTokens, room);
}

function queryOf({ purpose }: Pick<ContextParts, "purpose">, history: readonly Message[]): string {
  const recent = history.slice(-recentMessages).map(({ content }) => content);
  return recent.length > 0 ? recent.join("\n") : purpose;
}

/** How many steps are about as much as the messages of a query. */
const nearSteps = 4;

/**
 * What memory has of the last steps. The newest one is put there while the next reply is waited for, so it is left out; but what a person
 * has just said is asked about at once.
 */
function nearOf({ purpose }: Pick<ContextParts, "purpose">, visible: readonly Step[]): readonly string[] {
  const known = visible.at(-1)?.outcome === "feedback" ? visible : visible.slice(0, -1);
  return known.length === 0 ? [purpose] : known.slice(-nearSteps).map(recordOf);
}

function lastMessage(
  { steps, now, remark }: ContextParts,
  memories: readonly string[],
  closing: string | null = null,
): string {
  const newest = steps.at(-1);
  const usable = newest && (newest.outcome === "ran" || newest.outcome === "unfinished");
  return [
    reminder.time(now.toString()),
    ...(memories.length > 0 ? [`${reminder.memories}\n${memories.join("\n")}`] : []),
    ...(typeof remark === "string" ? [remark] : []),
    ...(closing === null ? [] : [closing]),
    usable ? triggers.next : triggers.first,
  ].join("\n\n");
}
