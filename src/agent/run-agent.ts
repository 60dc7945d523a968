import type { Command, CommandContext } from "../commands/command.js";
import { prepareCommand } from "../commands/prepare.js";
import type { StopReason } from "../errors.js";
import type { AgentEvent, Step } from "../history/events.js";
import type { Memory } from "../memory/memory.js";
import type { Totals, CommandCall } from "../history/event-parts.js";
import { parseReply } from "../reply/parse.js";
import type { Snapshots } from "../snapshots/recorder.js";
import type { Approve } from "./approve.js";
import type { Circles } from "./circles/circles.js";
import { createStepMemory, type StepMemory } from "./remember.js";
import { changedNote, failedCommand, notUnderstood, type Acted } from "./results.js";
import { reasonToStop } from "./stop.js";

/** Everything one agent needs, put together in compose/agent.ts. The loop creates nothing. */
export type Agent = {
  commands: ReadonlyMap<string, Command>;
  /** Builds the context and asks the model; the answer is whole, or says itself that it was cut. */
  think(steps: readonly Step[]): Promise<Thought>;
  contextFor(step: number): CommandContext;
  approve: Approve;
  /** Shortens what a command answered to what one result may have, and masks secrets. */
  presentable(text: string): string;
  memory: Memory;
  /** Keeps what commands change in the workspace, so that it can be put back. */
  snapshots: Pick<Snapshots, "before" | "after">;
  /** Watches that the run makes headway. */
  circles: Circles;
  totals(): Totals;
  limitSteps: number | null;
  signal: AbortSignal;
  run: string;
  emit(event: AgentEvent): Promise<void>;
};

/** A reply, or what remains of one that was cut off: such a one is never executed. */
export type Thought = { text: string; cutOff: string | null };

/** Runs steps until there is a reason to stop. Give it the steps of an earlier run, and its unused reply, to resume it. */
export async function runAgent(
  agent: Agent,
  steps: Step[],
  unused: Thought | null = null,
  memory: StepMemory = createStepMemory(agent),
): Promise<StopReason> {
  const since = steps.length;
  let thought = unused;
  for (;;) {
    const reason = reasonToStop(steps, since, agent.limitSteps, agent.commands, agent.signal);
    if (reason) return reason;
    const done = await runStep(agent, steps, thought);
    // Finished, whatever becomes of remembering it.
    steps.push(done);
    await memory.remember(done);
    await agent.circles.look(done);
    thought = null;
  }
}

/** Think, act, observe. */
export async function runStep(agent: Agent, steps: readonly Step[], unused: Thought | null = null): Promise<Step> {
  const step = steps.length + 1;
  const { text, cutOff } = unused ?? (await agent.think(steps));

  const { command, problem, thoughts } = cutOff === null ? parseReply(text) : { ...parseReply(""), problem: cutOff };
  await agent.emit({ type: "reply-parsed", step, command, problem, thoughts });
  const acted = command ? await act(agent, step, command) : notUnderstood(problem ?? "");

  const done: Step = { step, text, ...acted };
  await agent.emit({ type: "step-end", step, ...acted, totals: agent.totals() });
  return done;
}

/** Checks, asks, runs. What the user says instead of yes is an observation like any other. */
async function act(agent: Agent, step: number, call: CommandCall): Promise<Acted> {
  const named = (text: string): string => agent.presentable(`Command ${call.name.trim()} returned: ${text}`);
  const prepared = prepareCommand(agent.commands, call); // synonyms, renamed arguments, zod
  if (!prepared.ok)
    return { outcome: "not-runnable", result: { ok: false, text: named(prepared.text) }, command: call };

  const context = agent.contextFor(step);
  const verdict = await agent.approve(prepared, context);
  if (verdict.kind === "refused") {
    return { outcome: "refused", result: { ok: false, text: named(verdict.text) }, command: prepared.call };
  }
  if (verdict.kind === "feedback") {
    return {
      outcome: "feedback",
      result: { ok: true, text: agent.presentable(`Human feedback: ${verdict.text}`) },
      command: call,
    };
  }
  const { command } = verdict;
  await agent.snapshots.before(step, await command.touches(context));
  await agent.emit({ type: "command-start", step, command: command.call });
  const result = await command.run(context).catch(failedCommand);
  await agent.snapshots.after(step);
  const note = command === prepared ? "" : changedNote(prepared.call.args, command.call.args);
  const text = agent.presentable(`Command ${command.call.name} returned: ${result.text}${note}`);
  return { outcome: "ran", result: { ...result, text }, command: command.call };
}
