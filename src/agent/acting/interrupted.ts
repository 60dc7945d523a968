import { isDeepStrictEqual } from "node:util";
import type { CommandContext } from "../../commands/command.js";
import { prepareCommand, type PreparedCommand } from "../../commands/prepare.js";
import { counted } from "../../base/text.js";
import type { CommandCall } from "../../history/event-parts.js";
import { isSameState, type Foreseen, type PathState } from "../../history/events/foreseen.js";
import type { InterruptedStep } from "../../history/resume.js";
import { parseReply } from "../../reply/parse.js";
import { filesIn, type Acted } from "../results.js";
import { acted, runStarted, type ActingAgent } from "./carry-out.js";

/** What came of a step that was cut short, and how that is known. */
export type Settled = Acted & { interrupted: "done" | "again" | "unknown" };

/**
 * Finds out what came of a command that was started and has no result, from what it was to leave behind. If it had been carried
 * out, its result is what it would have been; if not, it is run now, since it was approved. Where nobody can tell, the model is
 * told what was found.
 */
export async function settleInterrupted(agent: ActingAgent, interrupted: InterruptedStep): Promise<Settled> {
  const { step, text, command: call, foreseen, bounds } = interrupted;
  const proposed = proposedIn(text, agent) ?? call;
  const changes = await agent.snapshots.changesOf(step);
  const unknown = async (found = ""): Promise<Settled> => ({
    ...(await acted(agent, call, { ok: false, text: `${mayHaveHappened}${found}` }, proposed)),
    ...{ outcome: "unfinished", interrupted: "unknown" },
  });
  const command = prepareCommand(agent.commands, call);
  if (!command.ok) return unknown();
  const context = agent.contextFor(step, agent.stops.begin());
  if (foreseen === null) {
    if (!(await agent.mayRepeat(command, context).catch(() => false))) return unknown();
    return again(agent, step, command, { proposed, bounds });
  }
  const found = await statesOf(foreseen, context.workspace).catch(() => null);
  if (found === null) return unknown();
  const areAll = (when: "before" | "after"): boolean =>
    foreseen.paths.every((path, index) => isSameState(path[when], found[index] ?? null));
  if (areAll("before") && (await isSameIntent(command, foreseen, context)))
    return again(agent, step, command, { proposed, bounds });
  if (!areAll("after")) return unknown(` ${inWords(foreseen, found)}`);
  const result = { ok: true, text: foreseen.text, changed: foreseen.changed, ...filesIn(changes) };
  return { ...(await acted(agent, call, result, proposed)), interrupted: "done" };
}

const mayHaveHappened =
  "Error: the program was ended while this command was running. It may or may not have happened: look before you repeat it.";

/** The command that a reply asks for, as it would have run if the person had not changed it; null where that cannot be told. */
function proposedIn(reply: string, { commands }: ActingAgent): CommandCall | null {
  const { command } = parseReply(reply);
  const prepared = command === null ? null : prepareCommand(commands, command);
  return prepared?.ok === true ? prepared.call : null;
}

async function again(
  agent: ActingAgent,
  step: number,
  command: PreparedCommand,
  { proposed, bounds }: Pick<InterruptedStep, "bounds"> & { proposed: CommandCall },
): Promise<Settled> {
  const context = agent.contextFor(step, agent.stops.begin(), bounds);
  await agent.snapshots.before(step, await command.touches(context));
  return { ...(await runStarted(agent, context, command, { proposed, settles: true, bounds })), interrupted: "again" };
}

/**
 * Whether the command as the journal has it would do what was begun: where a secret was masked in its arguments, it would not.
 */
async function isSameIntent(command: PreparedCommand, foreseen: Foreseen, context: CommandContext): Promise<boolean> {
  const now = await command.foresee(context);
  return now !== null && isDeepStrictEqual(statesIn(now), statesIn(foreseen));
}

const statesIn = ({ paths }: Foreseen): unknown => paths.map(({ before, after }) => ({ before, after }));

const statesOf = ({ paths }: Foreseen, workspace: CommandContext["workspace"]): Promise<(PathState | null)[]> =>
  Promise.all(paths.map(({ path }) => workspace.state(path)));

/** What was found, for the model. */
const inWords = ({ paths }: Foreseen, found: readonly (PathState | null)[]): string =>
  paths
    .map(({ path, before, after }, index) => {
      const now = stateInWords(found[index] ?? null);
      return `Now ${JSON.stringify(path)} is ${now}; before it was ${stateInWords(before)}, and was to become ${stateInWords(after)}.`;
    })
    .join(" ");

function stateInWords(state: PathState | null): string {
  if (state === null) return "not there";
  if (state.kind === "file") return `a file of ${counted(state.bytes ?? 0, "byte")}`;
  return state.kind === "other" ? "neither file nor folder" : `a ${state.kind}`;
}
