import { isDeepStrictEqual } from "node:util";
import type { Command, CommandContext } from "../../commands/command.js";
import { prepareCommand, type PreparedCommand } from "../../commands/prepare.js";
import type { Hooks } from "../../hooks/hooks.js";
import type { Approve, Verdict } from "../approve.js";

/** What it takes to have a command approved. */
export type ApprovingAgent = { commands: ReadonlyMap<string, Command>; approve: Approve; hooks: Hooks | null };

/** A person and a hook who change each other's arguments are stopped after so many rounds. */
const mostRounds = 5;

/**
 * Has the user's hooks look at a command, and then asks for approval of what they made of it, as of any other command. No command
 * passes whose arguments the hooks have not seen as they are: what a person changed is put before them again, and what they change
 * then, before the person.
 */
export async function approvedByAll(
  agent: ApprovingAgent,
  step: number,
  prepared: PreparedCommand,
  context: CommandContext,
): Promise<Verdict> {
  const { hooks, approve } = agent;
  if (hooks === null) return approve(prepared, context);
  let command = await afterHooks(agent, hooks, step, prepared);
  for (let round = 0; round < mostRounds; round++) {
    if ("kind" in command) return command;
    const verdict = await approve(command, context);
    if (verdict.kind !== "run" || isSame(verdict.command, command)) return verdict;
    const again: PreparedCommand | Refused = await afterHooks(agent, hooks, step, verdict.command);
    if (!("kind" in again) && isSame(again, verdict.command)) return verdict;
    command = again;
  }
  return {
    kind: "refused",
    text: "Error: the user and a hook of theirs do not agree on the arguments. Do something else.",
  };
}

type Refused = Extract<Verdict, { kind: "refused" }>;

/** The command as the hooks leave it. */
async function afterHooks(
  { commands }: ApprovingAgent,
  hooks: Hooks,
  step: number,
  command: PreparedCommand,
): Promise<PreparedCommand | Refused> {
  const looked = await hooks.before(step, command.call, command.effect);
  if (looked.kind === "passes") return command;
  if (looked.kind === "refuses") {
    const reason = looked.reason === "" ? "" : ` The reason: ${looked.reason}`;
    return { kind: "refused", text: `Error: a hook of the user's does not allow this.${reason}` };
  }
  const changed = prepareCommand(commands, { name: command.call.name, args: looked.args });
  if (changed.ok) return changed;
  const why = changed.text.replace(/^Error: /, "");
  return {
    kind: "refused",
    text: `Error: a hook of the user's gave it other arguments, with which it cannot run: ${why}`,
  };
}

const isSame = (one: PreparedCommand, other: PreparedCommand): boolean => isDeepStrictEqual(one.call, other.call);
