import type { Step } from "../history/events.js";
import type { Message } from "../model/model.js";
import type { TokenCounter } from "../model/tokens.js";
import { showStep, type ShownStep } from "./history.js";
import { createLedger, type Ledger, type LedgerState } from "./ledger.js";

/** What history and ledger may take of a request. */
export type Room = {
  /** Both together, in tokens. */
  tokens: number;
  /** The whole context budget. */
  budget: number;
  standing: readonly string[];
  leftOut: readonly Step[];
  /** What the ledger is condensed to. */
  ledgerTokens: number;
};

/** What a request shows of the steps. */
export type Window = {
  /** The index of the oldest step that is shown, and what those that are take, in tokens. */
  first: number;
  used: number;
  /** No step that was ever shown had to be shortened. */
  isWhole: boolean;
  /** What is said of the others: a message, or none where there is nothing to say. */
  ledger: { messages: readonly Message[]; tokens: number };
};

type Followed = Window & {
  next: number;
  /** Those of the steps from `first` to before `next`; null where they were not made yet. */
  messages: Message[] | null;
  kept: Ledger;
  room: Room;
  counter: TokenCounter;
  exact: boolean;
};

const windows = new WeakMap<readonly Step[], Followed>();

/** What a window comes to, as JSON can have it: a later process goes on from it, where all that it depends on is the same. */
export type KeptWindow = Window & {
  next: number;
  encoding: string;
  room: Omit<Room, "leftOut">;
  noted: LedgerState;
};

const resumed = new WeakMap<readonly Step[], KeptWindow>();

/** The window that was followed last for these steps; null where it is as quickly followed anew. */
export function keptWindow(steps: readonly Step[]): KeptWindow | null {
  const window = windows.get(steps);
  const encoding = window?.counter.encoding;
  if (!window?.exact || window.first === 0 || encoding === undefined) return null;
  const { next, first, used, isWhole, ledger, kept } = window;
  const { leftOut, ...room } = window.room;
  return leftOut.length > 0 ? null : { next, first, used, isWhole, ledger, encoding, room, noted: kept.state() };
}

/** These steps, of which so many are the same as then, have such a window. */
export function resumeWindow(steps: readonly Step[], kept: KeptWindow): void {
  if (kept.next <= steps.length) resumed.set(steps, kept);
}

/** Whether a process before this one knew a window of these steps, so that they have outgrown one. */
export const hasResumed = (steps: readonly Step[]): boolean => resumed.has(steps);

function resumedWindow(steps: readonly Step[], counter: TokenCounter): Followed | undefined {
  const kept = resumed.get(steps);
  if (kept === undefined || !counter.exact || kept.encoding !== counter.encoding) return undefined;
  const { next, first, used, isWhole, ledger, noted } = kept;
  const room = { ...kept.room, leftOut: [] };
  const again = { kept: createLedger(room.standing, noted), room, counter, exact: true };
  return { next, first, used, isWhole, ledger, messages: null, ...again };
}

/**
 * Which steps are shown, and what the ledger says of those before them. It follows the whole run from its beginning, so that
 * the answer depends on the steps alone and every cut falls where it fell before; what it found is kept, so that a step costs the
 * same in a long run as in a short one. That is so for one and the same list, to which steps are only ever added. Nothing
 * is kept of what is asked `once`. `messages`: those of the steps that are shown; `to-cut`: what follows the first cut is not looked at.
 */
export function followSteps(
  steps: readonly Step[],
  room: Room,
  counter: TokenCounter,
  how?: "once" | "to-cut",
): Window & { messages: readonly Message[] } {
  const known = how === "once" ? undefined : (windows.get(steps) ?? resumedWindow(steps, counter));
  const isSame = known !== undefined && known.next <= steps.length && known.counter === counter;
  const window = isSame && known.exact === counter.exact && isSameRoom(known.room, room) ? known : begin(room, counter);
  const messages = (window.messages ??= steps
    .slice(window.first, window.next)
    .flatMap((step) => shownIn(window, step).messages));
  for (; window.next < steps.length && !(how === "to-cut" && window.first > 0); window.next += 1) {
    const shown = shownIn(window, steps[window.next] as Step);
    messages.push(...shown.messages);
    window.used += shown.tokens;
    window.isWhole &&= shown.isWhole;
    const { first } = window;
    if (window.used > room.tokens - window.ledger.tokens) cut(window, steps);
    messages.splice(0, shown.messages.length * (window.first - first));
  }
  if (how !== "once") windows.set(steps, window);
  const { first, used, isWhole, ledger } = window;
  return { first, used, isWhole, ledger, messages: [...messages] };
}

const isSameRoom = (one: Room, other: Room): boolean =>
  one.tokens === other.tokens &&
  one.budget === other.budget &&
  one.ledgerTokens === other.ledgerTokens &&
  one.leftOut.length === other.leftOut.length &&
  one.standing.length === other.standing.length &&
  one.standing.every((line, index) => line === other.standing[index]);

function begin(room: Room, counter: TokenCounter): Followed {
  const kept = createLedger(room.standing);
  for (const step of room.leftOut) kept.add(step);
  const window = {
    next: 0,
    first: 0,
    used: 0,
    isWhole: true,
    ledger: nothing,
    messages: [],
    kept,
    room,
    counter,
    exact: counter.exact,
  };
  return { ...window, ledger: ledgerOf(window) };
}

const nothing: Window["ledger"] = { messages: [], tokens: 0 };

const shownIn = ({ room, counter }: Followed, step: Step): ShownStep => showStep(step, room.budget, counter);

/** Takes steps from the old end into the ledger, until history is at a third of the budget, or at half of a small room. */
function cut(window: Followed, steps: readonly Step[]): void {
  const { room, next } = window;
  const most = (): number => Math.min(room.budget / 3, (room.tokens - window.ledger.tokens) / 2);
  do {
    for (let target = most(); window.first < next && window.used > target; window.first += 1) {
      const step = steps[window.first] as Step;
      window.used -= shownIn(window, step).tokens;
      window.kept.add(step);
    }
    window.ledger = ledgerOf(window, shownIn(window, steps[next] as Step).tokens);
  } while (window.first < next && window.used > room.tokens - window.ledger.tokens);
}

/** The ledger leaves room for the newest step. */
function ledgerOf({ kept, room, counter }: Followed, newest = 0): Window["ledger"] {
  const content = kept.text({ usual: room.ledgerTokens, most: room.tokens - newest - frameTokens }, counter);
  if (content === "") return nothing;
  const messages: Message[] = [{ role: "user", content }];
  return { messages, tokens: counter.messageTokens(messages) - counter.messageTokens([]) };
}

/** What a message counts for besides its text. */
const frameTokens = 4;
