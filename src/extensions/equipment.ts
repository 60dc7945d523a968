import type { Command } from "../commands/command.js";
import { commandsWith } from "../commands/index.js";
import type { Check } from "../goals/check.js";
import { checksWith } from "../goals/index.js";
import type { RecordedExtension } from "../history/event-parts.js";

/** Commands and checks of a run, the built-in ones among them, and the extensions that some of them come from. */
export type Equipment = {
  commands: readonly Command[];
  checks: readonly Check[];
  extensions: readonly RecordedExtension[];
};

/** Commands and checks besides the built-in ones. */
export type Added = Pick<Equipment, "commands" | "checks">;

export const nothingAdded: Added = { commands: [], checks: [] };

/** The built-in commands and checks with these. Throws SettingsError for a name that is taken. */
export const equipmentWith = (added: Added, extensions: readonly RecordedExtension[] = []): Equipment => ({
  commands: commandsWith(added.commands),
  checks: checksWith(added.checks),
  extensions,
});
