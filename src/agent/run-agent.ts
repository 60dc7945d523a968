import type { Command, CommandContext } from "../commands/command.js";
import { prepareCommand } from "../commands/prepare.js";
import type { Bounds } from "../history/events/taint.js";
import type { StopReason } from "../errors.js";
import type { AgentEvent, Step } from "../history/events.js";
import type { Memory } from "../memory/memory.js";
import type { Totals, CommandCall, KeptReasoning } from "../history/event-parts.js";
import { parseReply } from "../reply/parse.js";
import type { Messages, Told } from "../history/questions/messages.js";
import type { Hooks } from "../hooks/hooks.js";
import type { Snapshots } from "../snapshots/recorder.js";
import { carryOut } from "./acting/carry-out.js";
import { approvedByAll } from "./acting/pass-hooks.js";
import type { MayRepeat } from "./acting/may-repeat.js";
import type { Approve } from "./approve.js";
import type { Circles } from "./circles/circles.js";
import { createStepMemory, rememberBeside, type Remembering, type StepMemory } from "./remember.js";
import { endsRun, notUnderstood, type Acted } from "./results.js";
import type { StepStops } from "./step-stops.js";
import { reasonToStop } from "./stop.js";

/** Everything one agent needs, put together in compose/agent.ts. The loop creates nothing. */
export type Agent = {
  commands: ReadonlyMap<string, Command>;
  /** Builds the context and asks the model; the answer is whole, or says itself that it was cut. */
  think: Think;
  /** What a command of this step may use, until the signal is aborted; within bounds, where there are some. */
  contextFor(step: number, signal: AbortSignal, bounds?: Bounds): CommandContext;
  approve: Approve;
  /** Programs of the user's that look at commands and results; null: none. */
  hooks: Hooks | null;
  /** Whether a command that was started before and cut short may be run again, where nobody can find out what came of it. */
  mayRepeat: MayRepeat;
  /** Shortens what a command answered to what one result may have, and masks secrets. */
  presentable(text: string): Promise<string>;
  memory: Memory;
  stops: StepStops;
  /** What is said to the run from outside while it goes on; without it, nothing is. */
  messages?: Messages;
  /** Keeps what commands change in the workspace, so that it can be put back. */
  snapshots: Pick<Snapshots, "before" | "looksThrough" | "after" | "changesOf">;
  /** Watches that the run makes headway. */
  circles: Circles;
  totals(): Totals;
  limitSteps: number | null;
  signal: AbortSignal;
  run: string;
  emit(event: AgentEvent): Promise<void>;
};

/** A reply, or what remains of one that was cut off: such a one is never executed. */
export type Thought = { text: string; cutOff: string | null; reasoning?: KeptReasoning };

/**
 * Thinks: steps → context → the model's reply. `onContext` is called once, when memory has been asked for the context, and before the
 * request is sent.
 */
export type Think = (steps: readonly Step[], signal: AbortSignal, onContext?: () => void) => Promise<Thought>;

/** Runs steps until there is a reason to stop. Give it the steps of an earlier run, and its unused reply, to resume it. */
export async function runAgent(
  agent: Agent,
  steps: Step[],
  unused: Thought | null = null,
  memory: StepMemory = createStepMemory(agent),
): Promise<StopReason> {
  const remembering = rememberBeside(memory);
  try {
    const reason = await runSteps(agent, steps, unused, remembering);
    await remembering.done();
    return reason;
  } catch (thrown) {
    await remembering.done().catch(() => undefined);
    throw thrown;
  }
}

async function runSteps(
  agent: Agent,
  steps: Step[],
  unused: Thought | null,
  remembering: Remembering,
): Promise<StopReason> {
  const since = steps.length;
  let thought = unused;
  let said: Said | null = null;
  try {
    for (;;) {
      agent.hooks?.settle();
      const reason = reasonToStop(steps, since, agent.limitSteps, agent.commands, agent.signal);
      if (reason) return reason;
      said ??= saidBy(await agent.stops.hear());
      // What was said from outside is no answer to a reply that is there already: its command comes first.
      if (thought === null) said ??= (await agent.messages?.unheard()) ?? null;
      if (said !== null) await remembering.done();
      const done: Step | null =
        said === null ? await runStep(agent, steps, thought, remembering) : await heard(agent, steps, said);
      said = null;
      // Stopped while it thought: what the person says comes first.
      if (done === null) continue;
      // Finished, whatever becomes of remembering it.
      steps.push(done);
      thought = null;
      if (done.result.stop === undefined) said = saidBy(await agent.stops.hear());
      remembering.leave(done);
      await agent.circles.look(done);
    }
  } finally {
    agent.stops.close();
  }
}

/** Think, act, observe. Null where the person stopped it while it thought. */
export async function runStep(
  agent: Agent,
  steps: readonly Step[],
  unused: Thought | null = null,
  remembering: Remembering | null = null,
): Promise<Step | null> {
  const step = steps.length + 1;
  const thought = unused ?? (await unlessStopped(agent, (signal) => agent.think(steps, signal, remembering?.begin)));
  await remembering?.done();
  if (thought === null) return null;
  const { text, cutOff, reasoning } = thought;

  const { command, problem, thoughts } = cutOff === null ? parseReply(text) : { ...parseReply(""), problem: cutOff };
  await agent.emit({ type: "reply-parsed", step, command, problem, thoughts });
  const { told, ...acted }: ActedOrTold = command ? await act(agent, step, command) : notUnderstood(problem ?? "");

  const done: Step = { step, text, ...(reasoning && { reasoning }), ...acted };
  await agent.emit({ type: "step-end", step, ...acted, ...(told && { told }), totals: agent.totals() });
  return done;
}

/** What comes of this work; null where the person stopped it. */
async function unlessStopped<Result>(
  { stops }: Agent,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | null> {
  try {
    return await work(stops.begin());
  } catch (thrown) {
    if (stops.stoppedBy() === null || endsRun(thrown)) throw thrown;
    return null;
  }
}

/** What the person said; `ids` where that was from outside. */
type Said = Pick<Told, "text"> & Partial<Pick<Told, "ids">>;

const saidBy = (text: string | null): Said | null => (text === null ? null : { text });

/** A step without a reply: what the person said after stopping one, or from outside. */
async function heard(agent: Agent, steps: readonly Step[], said: Said): Promise<Step> {
  const step = steps.length + 1;
  const { told, ...acted } = await feedback(agent, null, said);
  await agent.emit({ type: "step-end", step, ...acted, ...(told && { told }), totals: agent.totals() });
  return { step, text: "", ...acted };
}

const feedback = async (agent: Agent, command: CommandCall | null, { text, ids }: Said): Promise<ActedOrTold> => ({
  outcome: "feedback",
  result: { ok: true, text: await agent.presentable(`Human feedback: ${text}`) },
  command,
  ...(ids && { told: ids }),
});

/** With the ids of what was said from outside, where that is what came of it. */
type ActedOrTold = Acted & { told?: readonly string[] };

/** Checks, asks, runs. What the user says instead of yes is an observation like any other. */
async function act(agent: Agent, step: number, call: CommandCall): Promise<ActedOrTold> {
  const named = (text: string): Promise<string> => agent.presentable(`Command ${call.name.trim()} returned: ${text}`);
  const prepared = prepareCommand(agent.commands, call); // synonyms, renamed arguments, zod
  if (!prepared.ok)
    return { outcome: "not-runnable", result: { ok: false, text: await named(prepared.text) }, command: call };

  const verdict = await approvedByAll(agent, step, prepared, agent.contextFor(step, agent.stops.begin()));
  if (verdict.kind === "refused") {
    return { outcome: "refused", result: { ok: false, text: await named(verdict.text) }, command: prepared.call };
  }
  if (verdict.kind === "feedback")
    return feedback(agent, call, { text: verdict.text, ...(verdict.told && { ids: verdict.told }) });
  // Stopped before it began.
  const said = await agent.stops.hear();
  if (said !== null) return feedback(agent, call, { text: said });
  const { command, effect, allowed, bounds } = verdict;
  return carryOut(agent, step, command, { proposed: prepared.call, effect, allowed, ...(bounds && { bounds }) });
}
