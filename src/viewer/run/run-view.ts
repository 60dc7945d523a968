import { answerOf, changedBy, pathArguments, refusalsIn } from "../../history/changed-files.js";
import type { Totals, Usage } from "../../history/event-parts.js";
import type {
  CircleFound,
  ContextTainted,
  EffectStopped,
  JournalEvent,
  RunEnd,
  RunStart,
  Step,
} from "../../history/events.js";
import type { GoalVerdict } from "../../history/goals.js";
import { isSettlement, openRequests, replacedBy, type Requested } from "../../history/open-requests.js";
import { askedAfter, endsQuestion, parkedAfter, type ParkedQuestion } from "../../history/questions/parked.js";
import {
  noServerQuestions,
  serverQuestionsAfter,
  unansweredOf,
  type ServerQuestions,
} from "../../history/questions/server-questions.js";
import { charge, createSpendings, requestOf, takeBack, wholeOf, type Spendings } from "../../history/recorded-usage.js";
import { emptyTotals } from "../../history/totals.js";
import type { Overview, QuestionView, SubagentView } from "../shapes.js";
import { goalViews } from "./goal-views.js";
import { createReceipts, type ReceiptBook } from "./receipts.js";
import { mostSpent } from "./most-spent.js";

/** What of one kind is shown at the most, the last ones. */
const mostListed = 200;

/** How a run's state is said. */
export type StateWords = { state(state: string): string; sentence(reason: string): string };

type Facts = {
  start: RunStart & { time: string };
  limits: RunStart["limits"];
  continuous: boolean;
  onApproval: string | undefined;
  end: RunEnd | null;
  parked: ParkedQuestion | null;
  asked: ParkedQuestion | null;
  servers: ServerQuestions;
  /** A question of an older version, which kept no more than the command. */
  plain: Extract<JournalEvent, { type: "command-asked" }> | null;
  totals: Totals;
  wasteUsd: number;
  spendings: Spendings;
  open: Map<Requested, number>;
  verdicts: readonly GoalVerdict[];
  circles: CircleFound[];
  tainted: ContextTainted[];
  stopped: EffectStopped[];
  subagents: Map<string, SubagentView>;
  receipts: ReceiptBook;
  /** Of finished steps what the end of a report is made from, without long texts. */
  steps: Step[];
  elapsedMs: number;
  lastTime: number;
  problems: string[];
};

/** What a run is known to be, event by event. */
export interface RunView {
  follow(event: JournalEvent): void;
  problem(text: string): void;
  /** What is wrong before anything of the run is known. */
  problems(): readonly string[];
  /** What the run has used by now, where not all of its events were followed. */
  usedSoFar(totals: Totals): void;
  /** As it is now; `running`: somebody works on it. Null before the first event. */
  overview(running: boolean, words: StateWords): Overview | null;
}

export function createRunView(): RunView {
  let facts: Facts | null = null;
  const requests = openRequests();
  const early: string[] = [];
  return {
    follow(event) {
      if (event.type === "run-start") facts ??= factsOf(event, early);
      if (facts === null) return;
      facts.elapsedMs = event.elapsedMs ?? facts.elapsedMs;
      facts.lastTime = Date.parse(event.time);
      facts.parked = parkedAfter(facts.parked, event);
      facts.asked = askedAfter(facts.asked, event);
      facts.servers = serverQuestionsAfter(facts.servers, event);
      facts.plain = event.type === "command-asked" ? event : endsQuestion(event) ? null : facts.plain;
      followMoney(facts, requests, event);
      facts.receipts.follow(event);
      followRun(facts, event);
    },
    problem(text) {
      const known = facts?.problems ?? early;
      if (known.length < mostListed) known.push(text);
    },
    problems: () => facts?.problems ?? early,
    usedSoFar(totals) {
      if (facts !== null) facts.totals = { ...emptyTotals(), ...totals };
    },
    overview: (running, words) => (facts === null ? null : overviewOf(facts, running, words)),
  };
}

const factsOf = (start: RunStart & { time: string }, problems: string[]): Facts => ({
  ...{ start, limits: start.limits, continuous: start.continuous, onApproval: start.onApproval },
  ...{ end: null, parked: null, asked: null, servers: noServerQuestions, plain: null },
  ...{ totals: emptyTotals(), wasteUsd: 0, spendings: createSpendings(), open: new Map() },
  ...{ verdicts: [], circles: [], tainted: [], stopped: [], subagents: new Map(), steps: [] },
  ...{ receipts: createReceipts(), elapsedMs: 0, lastTime: Date.parse(start.time), problems },
});

function followMoney(facts: Facts, requests: ReturnType<typeof openRequests>, event: JournalEvent): void {
  if (event.type === "model-requested") {
    facts.totals.requests += 1;
    facts.spendings.for(event).requests += 1;
    requests.add(event);
    facts.open.set(event, event.reservedUsd);
  } else if (isSettlement(event)) {
    const replaced = replacedBy(event);
    const settled = requests.settledBy(event);
    if (settled) facts.open.delete(settled);
    const request = settled ?? (replaced && requestOf(event, replaced));
    if (replaced && request) for (const totals of [facts.totals, facts.spendings.for(request)]) takeBack(totals, event);
    facts.wasteUsd -= replaced?.reservedUsd ?? 0;
    chargeAll(facts, request, event.usage, event.costUsd);
    if (event.type !== "model-replied") facts.wasteUsd += event.costUsd;
  } else if (event.type === "run-end" || event.type === "run-resumed") {
    // What was never settled counts with all that was reserved for it.
    for (const request of requests.takeRest()) {
      chargeAll(facts, request, wholeOf(request), request.reservedUsd);
      facts.wasteUsd += request.reservedUsd;
    }
    facts.open.clear();
    if (event.type === "run-end") facts.totals = { ...emptyTotals(), ...event.usage };
  }
}

function chargeAll(
  { totals, spendings }: Facts,
  request: Parameters<Spendings["for"]>[0] | undefined,
  usage: Usage,
  costUsd: number,
): void {
  charge(totals, request, usage, costUsd);
  if (request) charge(spendings.for(request), request, usage, costUsd);
}

function followRun(facts: Facts, event: JournalEvent): void {
  switch (event.type) {
    case "run-resumed": {
      const { limits, continuous, onApproval, goals, aiRole } = event;
      facts.limits = limits;
      facts.continuous = continuous;
      facts.onApproval = onApproval ?? facts.onApproval;
      facts.end = null;
      facts.start = { ...facts.start, ...(goals && { goals }), ...(aiRole !== undefined && { aiRole }) };
      break;
    }
    case "step-end": {
      const { step, command, outcome, result } = event;
      const short = { ...result, text: outcome === "refused" ? result.text : "" };
      shorten(facts.steps.at(-1));
      facts.steps.push({ step, command, outcome, result: short, text: "" });
      break;
    }
    case "run-end":
      facts.end = event;
      facts.verdicts = event.goals;
      break;
    default:
      followFindings(facts, event);
  }
}

/** Of a step that is not the last one no more is needed than which files it names. */
function shorten(step: Step | undefined): void {
  if (step?.command === undefined || step.command === null) return;
  const args = Object.entries(step.command.args).filter(([name]) => pathArguments.includes(name));
  step.command = { name: step.command.name, args: Object.fromEntries(args) };
}

function followFindings(facts: Facts, event: JournalEvent): void {
  if (event.type === "circle-found") facts.circles.push(event);
  else if (event.type === "context-tainted") facts.tainted.push(event);
  else if (event.type === "effect-stopped") facts.stopped.push(event);
  else if (event.type === "agent-message") {
    const { key, name = key, task = "" } = event;
    const known = facts.subagents.get(key) ?? { key, name, task, messages: 0, deleted: false };
    facts.subagents.set(key, { ...known, messages: known.messages + 1 });
  } else if (event.type === "agent-deleted") {
    const known = facts.subagents.get(event.key);
    if (known) facts.subagents.set(event.key, { ...known, deleted: true });
  }
}

function overviewOf(facts: Facts, running: boolean, words: StateWords): Overview {
  const { start, limits, continuous, onApproval = null, totals, end, steps } = facts;
  const question = questionOf(facts, running);
  const ended = end?.reason ?? "killed";
  const state = running ? (question === null ? "running" : "waiting") : ended;
  const reserved = [...facts.open.values()].reduce((sum, one) => sum + one, 0);
  // Of a run that was killed what was under way counts as spent.
  const killed = running ? 0 : reserved;
  const takenOver = start.forkedFrom?.step ?? 0;
  const own = steps.filter(({ step }) => step > takenOver);
  const { run, version, aiName, aiRole, workspace, model: models, memory } = start;
  return {
    ...{ run, version, aiName, aiRole, workspace, models, memory, continuous, onApproval, started: start.time },
    forkedFrom: start.forkedFrom === undefined ? null : { run: start.forkedFrom.run, step: takenOver },
    ...{ state, stateText: state === "waiting" ? "waits for you" : words.state(state), running },
    endText: running || end === null ? null : (end.message ?? words.sentence(end.reason)),
    exitCode: running ? null : (end?.exitCode ?? null),
    goals: goalViews(start, facts.verdicts),
    answer: end?.answer ?? answerOf(steps),
    ...{
      question,
      limits,
      serverQuestions: running ? [] : unansweredOf(facts.servers).slice(-mostListed),
    },
    money: { settledUsd: totals.costUsd + killed, reservedUsd: reserved - killed, wasteUsd: facts.wasteUsd + killed },
    ...{ totals, spending: mostSpent(facts.spendings.all()), steps: steps.length },
    durationMs: facts.elapsedMs + (running ? Math.max(0, Date.now() - facts.lastTime) : 0),
    files: end?.files ?? changedBy(own),
    refusals: refusalsIn(own),
    circles: facts.circles.slice(-mostListed),
    tainted: facts.tainted.slice(-mostListed),
    stopped: facts.stopped.slice(-mostListed),
    subagents: [...facts.subagents.values()].slice(-mostListed),
    ...{ receipts: facts.receipts.all(), problems: [...facts.problems] },
    reading: null,
  };
}

function questionOf({ parked, asked, plain }: Facts, running: boolean): QuestionView | null {
  if (running && asked !== null) return shown("live", asked);
  if (running && plain !== null) {
    const { step, time, command, effect, remark = null } = plain;
    return { kind: "live", step, question: null, time, command, effect, unconfined: false, remark, preview: [] };
  }
  return running || parked === null || parked.answer !== null ? null : shown("parked", parked);
}

function shown(kind: QuestionView["kind"], asked: ParkedQuestion): QuestionView {
  const { step, question, time, command, effect, unconfined = false, remark = null, preview } = asked;
  return { kind, step, question, time, command, effect, unconfined, remark, preview };
}
