import { once } from "../base/keeping/once.js";
import { cleanLine } from "../base/text.js";
import type { Command } from "../commands/command.js";
import type { Reach } from "../commands/reach.js";
import type { Emit } from "../history/emit.js";
import type { CommandCall } from "../history/event-parts.js";
import type { AgentEvent } from "../history/events.js";
import type { RecordedRun } from "../history/read-run.js";
import type { Bounds, Foreign } from "../history/events/taint.js";
import { foreignText } from "../history/report/taint-lines.js";
import { judge } from "./judge.js";
import { emptyKnowledge, followStep, hearUser, urlIn, type Knowledge } from "./knowledge.js";

export type TaintOptions = {
  commands: ReadonlyMap<string, Command>;
  /** What the user has said: role and goals. */
  words: readonly string[];
  /** The run's earlier part; null for a new one. */
  recorded: Pick<RecordedRun, "steps" | "contextTainted" | "effectsStopped"> | null;
};

/** What is done about a call: it runs within bounds, or it may not simply run; `offline`: without network it may. */
export type Judged = { kind: "runs"; bounds: Bounds } | { kind: "stops"; why: string; from: string; offline: boolean };

/** Whether a run has read text of others, and what it may do outside the workspace since. */
export interface Taint {
  /** The same emitter, which reports `context-tainted` besides, before the step is ended or the request sent that it is about. */
  watching(emit: Emit): Emit;
  isTainted(): boolean;
  /** May this call, which reaches outside in this way, be made without a word of the user's? */
  judge(reach: Reach | undefined): Judged;
  /** The user has said yes to a call: what it names is named by the user from now on. */
  allow(call: CommandCall): void;
}

/** Watches nothing. */
export const noTaint: Taint = {
  watching: (emit) => emit,
  isTainted: () => false,
  judge: () => ({ kind: "runs", bounds: {} }),
  allow: () => undefined,
};

/**
 * What the model writes while it can see text of others counts as such text, so a run that has read any stays tainted. All
 * of it is found out from the events: a run that is resumed knows what it knew.
 */
export function createTaint({ commands, words, recorded }: TaintOptions): Taint {
  const sources = new Map<string, Foreign>();
  const finished = recorded?.steps.length ?? 0;
  // What the steps of a long run say is found out when it is asked for, which is not before the first request.
  const known = once(() => {
    const knowledge = emptyKnowledge();
    for (const text of words) hearUser(knowledge, text);
    if (recorded !== null)
      replay(knowledge, sources, { ...recorded, steps: recorded.steps.slice(0, finished) }, commands);
    return knowledge;
  });

  const add = (foreign: Foreign): boolean => {
    known().isTainted = true;
    const key = keyOf(foreign);
    if (sources.has(key)) return false;
    sources.set(key, foreign);
    return true;
  };
  const heard = (event: AgentEvent): Foreign[] => {
    if (event.type === "step-end") return [followStep(known(), event, commands)].filter((one) => one !== null);
    return event.type === "context-built" ? foreignMemories(event.recalled) : [];
  };

  return {
    watching: (emit) => async (event) => {
      const step = "step" in event ? event.step : 0;
      const found = heard(event).map(shortened).filter(add);
      // All at once: nothing that is emitted meanwhile comes between them.
      await Promise.all([
        ...found.map(({ kind, from }) => emit({ type: "context-tainted", step, kind, from })),
        emit(event),
      ]);
    },
    isTainted: () => known().isTainted,
    judge(reach) {
      if (reach === undefined || !known().isTainted) return { kind: "runs", bounds: {} };
      const judgement = judge(reach, known());
      if (judgement.ok) return { kind: "runs", bounds: judgement.bounds };
      return { kind: "stops", why: judgement.why, offline: judgement.offline, from: named([...sources.values()]) };
    },
    allow: ({ args }) => hearAllowed(known(), args),
  };
}

function replay(
  knowledge: Knowledge,
  sources: Map<string, Foreign>,
  { steps, contextTainted, effectsStopped }: NonNullable<TaintOptions["recorded"]>,
  commands: TaintOptions["commands"],
): void {
  const asked = new Set(effectsStopped.filter(({ instead }) => instead === "asked").map(({ step }) => step));
  const recalledAt = Math.min(...contextTainted.filter(({ kind }) => kind === "memory").map(({ step }) => step));
  for (const one of steps) {
    knowledge.isTainted ||= one.step >= recalledAt;
    if (asked.has(one.step) && one.outcome === "ran") hearAllowed(knowledge, one.command?.args ?? {});
    followStep(knowledge, one, commands);
  }
  for (const { kind, from } of contextTainted) sources.set(keyOf({ kind, from }), { kind, from });
  knowledge.isTainted ||= contextTainted.length > 0;
}

const hearAllowed = (knowledge: Knowledge, args: CommandCall["args"]): void => {
  const url = urlIn(args);
  if (url !== null) hearUser(knowledge, url.href);
};

const keyOf = ({ kind, from }: Foreign): string => `${kind}\n${from}`;

const longestSource = 200;
const shortened = ({ kind, from }: Foreign): Foreign => ({ kind, from: cleanLine(from, longestSource) });

type RecalledNotes = Extract<AgentEvent, { type: "context-built" }>["recalled"];

/** A record without a word on it was made by an earlier version: it may hold anything. */
const foreignMemories = (recalled: RecalledNotes): Foreign[] =>
  recalled
    .filter(({ source: { kind, tainted = true } }) => kind === "page" || kind === "file" || tainted)
    .map(({ source: { kind, run, step, from } }) => ({
      kind: "memory",
      from: from === undefined ? `${kind} of run ${run}, step ${step}` : `${kind} ${from}`,
    }));

const mostNamed = 3;

/** The newest sources in words. */
function named(sources: readonly Foreign[]): string {
  const newest = sources.slice(-mostNamed).map(foreignText);
  return newest.join("; ") + (sources.length > mostNamed ? `; and ${sources.length - mostNamed} others` : "");
}
