import { takenName } from "../base/names/taken-name.js";
import type { Command } from "../commands/command.js";
import { commandsWith } from "../commands/index.js";
import { SettingsError } from "../errors.js";
import type { Check } from "../goals/check.js";
import { checksWith } from "../goals/index.js";
import type { Listener } from "../history/emit.js";
import type { RecordedExtension, RecordedServer } from "../history/event-parts.js";

/** Commands and checks of a run, the built-in ones among them, and the extensions that some of them come from. */
export type Equipment = {
  commands: readonly Command[];
  checks: readonly Check[];
  extensions: readonly RecordedExtension[];
  /** The MCP servers that some of the commands come from. */
  servers: readonly RecordedServer[];
  /** The names of all MCP servers that are named for the run, those that cannot be used among them. */
  serverNames: readonly string[];
  /** Hear each event of the run, and decide nothing. */
  listeners: readonly Listener[];
};

/** Commands and checks besides the built-in ones. */
export type Added = Pick<Equipment, "commands" | "checks">;

export const nothingAdded: Added = { commands: [], checks: [] };

/** The built-in commands and checks with these. Throws SettingsError for a name that is taken. */
export const equipmentWith = (added: Added, extensions: readonly RecordedExtension[] = []): Equipment => ({
  commands: commandsWith(added.commands),
  checks: checksWith(added.checks),
  extensions,
  servers: [],
  serverNames: [],
  listeners: [],
});

type WithServers = { commands: readonly Command[]; recorded: readonly RecordedServer[]; listener: Listener };

/** The same with the commands of MCP servers behind its own, before the last one. Throws SettingsError for a name that is taken. */
export function withServers(
  equipment: Equipment,
  { commands, recorded, listener }: WithServers,
  serverNames: readonly string[],
): Equipment {
  if (recorded.length === 0) return { ...equipment, serverNames };
  const problem = takenName(equipment.commands, commands);
  if (problem !== null) throw new SettingsError(`The command ${problem}`);
  const last = equipment.commands.length - 1;
  const all = [...equipment.commands.slice(0, last), ...commands, ...equipment.commands.slice(last)];
  return { ...equipment, commands: all, servers: recorded, serverNames, listeners: [...equipment.listeners, listener] };
}
