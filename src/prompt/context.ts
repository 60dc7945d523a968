import type { ContextCounts, Step } from "../history/events.js";
import type { Recalled } from "../memory/memory.js";
import type { Message } from "../model/model.js";
import type { TokenCounter } from "../model/tokens.js";
import { showStep } from "./history.js";
import { fittingMemories, type ShownMemory } from "./memories.js";
import { reminder, triggers } from "./texts.js";

/** The most that recalled text may take of a request, in tokens. */
const memoryTokens = 1_000;
/** What the time, the trigger and the overhead of the last message take at the most. */
const lastMessageTokens = 100;
const recentMessages = 9;

export type ContextParts = {
  systemPrompt: string;
  /** What memory is asked before there is any history: role and goals. */
  purpose: string;
  steps: readonly Step[];
  /** The context budget in tokens. A request may exceed it only when the system prompt and the newest step alone do. */
  budget: number;
  counter: TokenCounter;
  /** What the program has to say about the run, in its last message; null for nothing. */
  remark?: string | null;
  /** What it says besides, depending on all that is sent: of at most 45 tokens; null for nothing. */
  closing?(messages: readonly Message[]): string | null;
  now: Date;
  /** Recalls what resembles the query, best first, leaving out what the history shows from `fromStep` on. */
  recall(query: string, fromStep: number): Promise<Recalled[]>;
};

export type Context = { messages: Message[]; counts: ContextCounts };

/**
 * System prompt, as much history as fits, and a last message with what changes every step. History is only ever cut from
 * its old end, and then to a third of the budget at once, so that in most steps a request without its last message is a
 * prefix of the next one. Memories give way before history, the worst match first. Ends for every input.
 */
export async function buildContext(parts: ContextParts): Promise<Context> {
  const { systemPrompt, steps, budget, counter, remark } = parts;
  const system: Message = { role: "system", content: systemPrompt };
  const fixedTokens = counter.messageTokens([system]) + lastMessageTokens + (remark ? counter.count(remark) : 0);
  const room = budget - fixedTokens;
  const visible = steps.slice(firstVisible(steps, room, budget, counter));
  const shown = visible.map((step) => showStep(step, budget, counter));
  const history = shown.flatMap((step) => step.messages);
  const used = shown.reduce((sum, step) => sum + step.tokens, 0);
  const memories = await recallWithin(parts, visible, history, Math.min(memoryTokens, room - used));
  const texts = memories.map(({ text }) => text);
  const before = [system, ...history];
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

/** What following the steps up to `next` has found: the oldest that is shown, and how many tokens those that are shown take. */
type Window = { next: number; first: number; used: number };
type KeptWindow = Window & { room: number; budget: number; counter: TokenCounter; exact: boolean };

const windows = new WeakMap<readonly Step[], KeptWindow>();

/**
 * The index of the oldest step that is shown. It follows the whole run from its beginning, so that the answer depends on
 * the steps alone and every cut falls where it fell before; what it found is kept, so that a step costs the same in a
 * long run as in a short one. That is so for one and the same list, to which steps are only ever added.
 */
function firstVisible(steps: readonly Step[], room: number, budget: number, counter: TokenCounter): number {
  const { exact } = counter;
  const kept = windows.get(steps);
  const isSame = kept?.room === room && kept.budget === budget && kept.counter === counter && kept.exact === exact;
  const window: Window = isSame && kept.next <= steps.length ? kept : { next: 0, first: 0, used: 0 };
  const afterCut = Math.min(budget / 3, room);
  let { next, first, used } = window;
  for (; next < steps.length; next += 1) {
    used += showStep(steps[next] as Step, budget, counter).tokens;
    if (used <= room) continue;
    for (; first < next && used > afterCut; first += 1) used -= showStep(steps[first] as Step, budget, counter).tokens;
  }
  windows.set(steps, { next, first, used, room, budget, counter, exact });
  return first;
}

async function recallWithin(
  parts: ContextParts,
  visible: readonly Step[],
  history: readonly Message[],
  tokens: number,
): Promise<ShownMemory[]> {
  if (tokens <= 0) return [];
  const recent = history.slice(-recentMessages).map(({ content }) => content);
  const query = recent.length > 0 ? recent.join("\n") : parts.purpose;
  return fittingMemories(await parts.recall(query, visible[0]?.step ?? 1), tokens, parts.counter);
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
