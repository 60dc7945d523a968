import { SettingsError } from "../../errors.js";

/** Flags of runs that a submitted run cannot have, by the names of their options, and what to do in their place. */
const refused: Readonly<Record<string, string>> = {
  workspaceDirectory: "--workspace-directory (-w): a run of a fleet gets a copy of the folder that --workspace names",
  resume: "--resume: a run of a fleet is gone on with by autogpt fleet retry RUN",
  fork: "--fork: a run of a fleet cannot be forked, since its worker has no other run",
  acceptChanges: "--accept-changes: a run of a fleet keeps the settings file with which it was submitted",
  yes: "--yes: it is for --fork",
  outputFormat: "--output-format: submit prints the names of its runs, and autogpt fleet --json shows them",
};

/** Throws SettingsError where a flag is given (`program.opts()`) that would be passed over; `files`: those that are named besides. */
export function refuseFlags(given: Readonly<Record<string, unknown>>, files: readonly string[]): void {
  for (const [option, why] of Object.entries(refused))
    if (given[option] !== undefined && given[option] !== false) throw new SettingsError(`submit does not take ${why}.`);
  if (given["aiSettings"] !== undefined && files.length > 0)
    throw new SettingsError(
      `--ai-settings names one settings file, and ${files.length > 1 ? "others are" : "another one is"} named besides. Name all of them without it: autogpt submit FILE FILE.`,
    );
}
