import type { Command, CommandContext, Effect } from "../../commands/command.js";
import type { PreparedCommand } from "../../commands/prepare.js";
import type { Bounds } from "../../history/events/taint.js";
import type { CommandCall, CommandResult } from "../../history/event-parts.js";
import type { AgentEvent } from "../../history/events.js";
import type { Hooks } from "../../hooks/hooks.js";
import type { Snapshots } from "../../snapshots/recorder.js";
import { boundsNote, hookNote, changedArguments, cutShort, failedCommand, filesIn, type Acted } from "../results.js";
import type { StepStops } from "../step-stops.js";
import type { MayRepeat } from "./may-repeat.js";

/** What carrying out a command takes of an agent. */
export type ActingAgent = {
  commands: ReadonlyMap<string, Command>;
  contextFor(step: number, signal: AbortSignal, bounds?: Bounds): CommandContext;
  presentable(text: string): Promise<string>;
  stops: StepStops;
  snapshots: Pick<Snapshots, "before" | "looksThrough" | "after" | "changesOf">;
  mayRepeat: MayRepeat;
  hooks: Pick<Hooks, "after"> | null;
  signal: AbortSignal;
  emit(event: AgentEvent): Promise<void>;
};

export type Approved = {
  /** What the model asked for: where the person changed it, the model is told. */
  proposed: CommandCall;
  /** What this very call does to the world. */
  effect: Effect;
  /** How many more commands may start without a question. */
  allowed?: number;
  /** What it is held to. */
  bounds?: Bounds;
};

/** Runs what was approved, perhaps with other arguments than were proposed. Its intent is on disk before. */
export async function carryOut(
  agent: ActingAgent,
  step: number,
  command: PreparedCommand,
  { proposed, effect, allowed = 0, bounds }: Approved,
): Promise<Acted> {
  const context = agent.contextFor(step, agent.stops.begin(), bounds);
  await agent.snapshots.before(step, await command.touches(context));
  const foreseen = await command.foresee(context);
  await agent.emit({
    ...{ type: "command-start", step, command: command.call, effect },
    ...(foreseen && { foreseen }),
    ...(allowed > 0 && { allowed }),
    ...(bounds && { bounds }),
  });
  return runStarted(agent, context, command, { proposed, settles: foreseen !== null, bounds });
}

type Started = {
  proposed: CommandCall;
  /** Whoever resumes the run can find out what came of it. */
  settles: boolean;
  bounds: Bounds | undefined;
};

/** Runs a command whose intent is on disk. Throws the reason where the run ends before it is done and it can be run again. */
export async function runStarted(
  agent: ActingAgent,
  context: CommandContext,
  command: PreparedCommand,
  { proposed, settles, bounds }: Started,
): Promise<Acted> {
  const { stops, snapshots, signal } = agent;
  const result = await command.run(context).catch(failedCommand);
  // Left open, it is carried out when the run goes on, as if it had not been cut short.
  if (!result.ok && signal.aborted && (settles || command.repeatable)) throw signal.reason;
  // What a hook changes, as a formatter does, is put back with what the command has changed.
  const note = (await agent.hooks?.after(context.step, command.call, result)) ?? null;
  const isWhole = snapshots.looksThrough();
  const changes = await snapshots.after(context.step);
  // What ended well all the same is what it is.
  const stoppedBy = result.ok ? null : stops.stoppedBy();
  const told = {
    ...result,
    text: (stoppedBy === null ? result.text : cutShort(result.text, stoppedBy)) + boundsNote(bounds) + hookNote(note),
    ...(isWhole && changes !== null && { changed: changes.length > 0 }),
    ...filesIn(changes),
  };
  return {
    ...(await acted(agent, command.call, told, proposed)),
    ...(stoppedBy !== null && { outcome: "unfinished" }),
  };
}

/** A command that ran, with its result as the model is told it. */
export async function acted(
  { presentable }: Pick<ActingAgent, "presentable">,
  command: CommandCall,
  result: CommandResult,
  proposed: CommandCall,
): Promise<Acted> {
  const edited = await presentable(changedArguments(proposed.args, command.args));
  const note = edited === "" ? "" : `\n[The user changed the arguments before it ran. ${edited}]`;
  const text = await presentable(`Command ${command.name} returned: ${result.text}${note}`);
  return { outcome: "ran", result: { ...result, text, ...(edited !== "" && { edited }) }, command };
}
