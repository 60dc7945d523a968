import { untilAborted } from "../../src/base/abort.js";
import { startStopwatch } from "../../src/base/stopwatch.js";
import * as z from "zod";
import { createMayRepeat } from "../../src/agent/acting/may-repeat.js";
import { createApprove, type ApprovalOptions } from "../../src/agent/approve.js";
import { createCircles } from "../../src/agent/circles/circles.js";
import type { Agent } from "../../src/agent/run-agent.js";
import { runToEnd, type Beginning, type RunOptions } from "../../src/agent/run-to-end.js";
import { createStepStops, type AfterStop } from "../../src/agent/step-stops.js";
import { createThink } from "../../src/agent/think.js";
import { prepareCommand } from "../../src/commands/prepare.js";
import { defineCommand, type Command, type CommandContext } from "../../src/commands/command.js";
import { RunError } from "../../src/errors.js";
import { createEmitter, type Listener } from "../../src/history/emit.js";
import type { JournalEvent, RunEnd, Step } from "../../src/history/events.js";
import type { RecordedRun } from "../../src/history/read-run.js";
import { resumePoint } from "../../src/history/resume.js";
import type { Memory } from "../../src/memory/memory.js";
import { createGovernor } from "../../src/model/budget/governor.js";
import type { BudgetLimits } from "../../src/model/budget/budget.js";
import { noSnapshots } from "../../src/snapshots/recorder.js";
import { createCatalog } from "../../src/model/catalog/catalog.js";
import { createTokenCounter } from "../../src/model/tokens.js";
import { replySchema } from "../model/compose.js";
import { runStart } from "../history/run-start.js";
import { scriptedModel, type AnswerScript, type ScriptedModel } from "../support/scripted-model.js";

/** What the commands of a loop have done, in order, and the texts that they wrote. */
export type World = { done: string[]; files: Map<string, string> };

export const emptyWorld = (): World => ({ done: [], files: new Map() });

/** A few commands with all that the loop tells apart: one writes, one reads, one fails, one ends the run. */
export function commandsOn({ done, files }: World, allGoalsMet = (): boolean => true): ReadonlyMap<string, Command> {
  const note = z.object({ note: z.string().describe("note") });
  const commands = [
    defineCommand({
      name: "write",
      label: "Write a note",
      args: z.object({ note: z.string().describe("note"), text: z.string().describe("text") }),
      effect: "writes",
      synonyms: ["put"],
      renames: { name: "note" },
      review: ({ note: name }) => Promise.resolve({ subjects: [name] }),
      run({ note: name, text }) {
        done.push(`write ${name}`);
        const changed = files.get(name) !== text;
        files.set(name, text);
        return Promise.resolve({ ok: true, text: "Written.", changed });
      },
    }),
    defineCommand({
      name: "read",
      label: "Read a note",
      args: note,
      effect: "reads",
      review: ({ note: name }) =>
        Promise.resolve({ subjects: [name], ...(name === "hidden" && { refusal: "Error: it is hidden." }) }),
      run({ note: name }) {
        done.push(`read ${name}`);
        const text = files.get(name);
        if (text === undefined) throw new Error(`There is no note ${name}.`);
        return Promise.resolve(text);
      },
    }),
    defineCommand({
      name: "wait",
      label: "Wait until the step is stopped",
      args: z.object({}),
      effect: "nothing",
      run: (_args, { signal }) => untilAborted(new Promise<never>(() => undefined), signal),
    }),
    defineCommand({
      name: "break",
      label: "Break the journal",
      args: z.object({}),
      effect: "nothing",
      run: () => Promise.reject(new RunError("fault", "The journal cannot be written.")),
    }),
    defineCommand({
      name: "finish",
      label: "Finish",
      args: z.object({}),
      effect: "ends the run",
      run() {
        done.push("finish");
        if (!allGoalsMet()) return Promise.resolve({ ok: false, text: "Error: not yet." });
        return Promise.resolve({ ok: true, text: "Finished.", stop: "task-complete" });
      },
    }),
  ];
  return new Map(commands.map((command) => [command.name, command]));
}

/** A memory that keeps what it is told, or fails with what it is given; `refuses` says when a failure is survived. */
export function keepingMemory(
  failure?: Error,
  refuses: (text: string) => boolean = () => false,
): Memory & { kept: string[]; queries: unknown[] } {
  const kept: string[] = [];
  const queries: unknown[] = [];
  return {
    kept,
    queries,
    add(text) {
      if (failure) return Promise.reject(failure);
      if (refuses(text)) return Promise.resolve(false);
      kept.push(text);
      return Promise.resolve(true);
    },
    addMany: () => Promise.resolve([]),
    recall(query, options) {
      queries.push({ query, ...options });
      return Promise.resolve([]);
    },
    stats: () => Promise.reject(new Error("nobody asks")),
  };
}

export type LoopOptions = {
  answers: AnswerScript;
  world?: World;
  /** Whether `finish` finds that everything is done. */
  allGoalsMet?(): boolean;
  approval?: Partial<ApprovalOptions>;
  limits?: BudgetLimits;
  limitSteps?: number;
  memory?: Memory;
  judge?: RunOptions["judge"];
  /** What the person says after stopping a step; without it none is stopped. */
  afterStop?(): Promise<AfterStop>;
  requireProof?: boolean;
  signal?: AbortSignal;
  /** Hears events, before the test does. */
  listener?: Listener;
  /** Goes on with this run. */
  recorded?: RecordedRun;
  onFault?(thrown: unknown): void;
};

export type Loop = { agent: Agent; model: ScriptedModel; events: JournalEvent[]; end(): Promise<RunEnd> };

const systemPrompt = "You write notes.";
const start = runStart({
  run: "run-1",
  aiName: "Tester",
  aiRole: "an AI that is tested",
  goals: ["Write notes"],
  memory: "no_memory",
  workspace: "/nowhere",
});

/** A step whose reply named no command. */
export const plainStep = (step: number): Step => ({
  step,
  text: `reply ${step}`,
  command: null,
  outcome: "ran",
  result: { ok: true, text: `result ${step}` },
});

/** The loop with all that is its own: thinking, governor, approval, journal; only the model is scripted. */
export function openLoop(options: LoopOptions): Loop {
  const { world = emptyWorld(), recorded, signal = new AbortController().signal } = options;
  const model = scriptedModel(options.answers);
  const entry = createCatalog().get(model.name);
  const counter = createTokenCounter(entry);
  const events: JournalEvent[] = [];
  const collect: Listener = (event) => void events.push(event);
  const elapsedMs = startStopwatch(recorded?.durationMs);
  const emit = createEmitter({
    nextSeq: (recorded?.lastSeq ?? 0) + 1,
    mask: (value) => value,
    elapsedMs,
    async write(entries) {
      for (const { event } of entries) await options.listener?.(event);
    },
    listeners: [collect],
  });
  const governor = createGovernor({ limits: options.limits ?? {}, spent: recorded?.spent, emit });
  const memory = options.memory ?? keepingMemory();
  const common = { memory, run: start.run, signal, emit };
  const commands = commandsOn(world, options.allGoalsMet);
  const circles = createCircles({
    ...{ commands, emit, digest: () => Promise.resolve("always the same"), isBusy: () => false },
    ...(recorded && { steps: recorded.steps, found: recorded.circles }),
  });
  const agent: Agent = {
    ...common,
    hooks: null,
    circles,
    commands,
    contextFor: (step, stepSignal) => ({ step, signal: stepSignal, runSignal: signal }) as CommandContext,
    stops: createStepStops(signal, options.afterStop ?? null),
    snapshots: noSnapshots,
    mayRepeat: createMayRepeat([]),
    approve: createApprove({
      continuous: true,
      rules: [],
      allowUnconfined: false,
      prepare: (call) => prepareCommand(commandsOn(world, options.allGoalsMet), call),
      ask: () => Promise.reject(new Error("nobody is to be asked")),
      keep: () => Promise.resolve(),
      ...options.approval,
    }),
    presentable: (text) => Promise.resolve(text.replaceAll("sk-secret", "[secret]")),
    totals: governor.totals,
    limitSteps: options.limitSteps ?? null,
    think: createThink({
      ...common,
      guidance: circles.guidance,
      ...{ model: governor.chat(model, entry, counter), counter, systemPrompt, purpose: "Write notes", replySchema },
      ...{ contextTokens: 24_000, answerTokens: 4_000, mostAnswerTokens: 16_000 },
    }),
  };
  const judge = options.judge ?? (() => Promise.resolve([]));
  const { requireProof = false, onFault } = options;
  const end = (): Promise<RunEnd> =>
    runToEnd({
      ...{ agent, emit, judge, requireProof },
      elapsedMs,
      workspace: start.workspace,
      beginning: recorded ? resumed(recorded) : { kind: "new", start },
      ...(onFault && { onFault }),
    });
  return { agent, model, events, end };
}

function resumed(recorded: RecordedRun): Beginning {
  const { unusedReply, ...point } = resumePoint(recorded);
  const { limits, continuous } = recorded;
  const unused = unusedReply === null ? null : { text: unusedReply, cutOff: null };
  return { kind: "resumed", limits, continuous, changes: {}, takenOver: 0, unused, ...point };
}
