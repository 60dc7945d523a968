import { longestTimer, unheldTimer, type SetTimer } from "../../base/abort.js";
import type { Emit } from "../../history/emit.js";
import type { RunLimits, Totals } from "../../history/event-parts.js";
import type { AgentEvent, LimitNear } from "../../history/events.js";
import { isSettlement, replacedBy } from "../../history/open-requests.js";
import { tokensOf } from "../../history/totals.js";

/** The share of a limit at which it is warned of. */
const nearShare = 0.8;

export type LimitWatchOptions = {
  limits: RunLimits;
  emit: Emit;
  /** What the run's earlier part has used; null for a new one. */
  spent: Totals | null;
  /** What its earlier part was warned of: a limit that is still the same is not named again. */
  said: readonly Pick<LimitNear, "limit" | "of">[];
  /** How long the run has worked, in milliseconds, earlier parts included. */
  elapsedMs(): number;
  /** The clock of the time limit, the system's unless told. */
  timer?: SetTimer;
};

/** The same emitter, which reports `limit-near` besides, once for each limit of which four fifths are used. */
export function watchLimits(options: LimitWatchOptions): Emit {
  const { limits, emit, spent, elapsedMs, timer = unheldTimer } = options;
  const said = new Set(options.said.map(keyOf));
  const used = { steps: 0, costUsd: spent?.costUsd ?? 0, tokens: spent === null ? 0 : tokensOf(spent) };
  let step = 0;
  let stopTimer = (): void => undefined;

  const say = async (limit: LimitNear["limit"], amount: number, of: number | null): Promise<void> => {
    if (of === null || amount < of * nearShare || said.has(keyOf({ limit, of }))) return;
    said.add(keyOf({ limit, of }));
    await emit({ type: "limit-near", step, limit, used: amount, of });
  };
  const look = async (): Promise<void> => {
    // Of a limit that is reached the end of the run tells.
    if (limits.steps !== null && used.steps < limits.steps) await say("steps", used.steps, limits.steps);
    await say("cost", used.costUsd, limits.costUsd);
    await say("tokens", used.tokens, limits.tokens);
  };
  const startTimer = (): void => {
    if (limits.seconds === null) return;
    const { seconds } = limits;
    const [nearMs, workedMs] = [seconds * nearShare * 1000, elapsedMs()];
    const leftMs = Math.max(0, nearMs - workedMs);
    // A fault of the journal is met by the next event of the run as well.
    const warn = (): void => void say("time", Math.max(workedMs, nearMs) / 1000, seconds).catch(() => undefined);
    if (leftMs <= longestTimer) stopTimer = timer(warn, leftMs);
  };

  return async (event) => {
    if (event.type === "run-end") stopTimer();
    if ("step" in event) step = event.step;
    await emit(event);
    if (event.type === "run-start" || event.type === "run-resumed") startTimer();
    count(used, event);
    if (event.type === "run-resumed" || isSettlement(event) || isOpenEnd(event)) await look();
  };
}

const keyOf = ({ limit, of }: Pick<LimitNear, "limit" | "of">): string => `${limit} ${of}`;

/** A step that does not end the run. */
const isOpenEnd = (event: AgentEvent): boolean => event.type === "step-end" && event.result.stop === undefined;

function count(used: { steps: number; costUsd: number; tokens: number }, event: AgentEvent): void {
  if (event.type === "step-end") used.steps = event.step;
  if (event.type === "run-resumed") used.steps = event.step - 1;
  if (!isSettlement(event)) return;
  const replaced = replacedBy(event);
  used.costUsd += event.costUsd - (replaced?.reservedUsd ?? 0);
  used.tokens -= replaced?.reservedTokens ?? 0;
  used.tokens += event.usage.promptTokens + event.usage.completionTokens;
}
