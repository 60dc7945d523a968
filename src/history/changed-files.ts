import type { ChangedFiles, CommandResult, Refusal } from "./event-parts.js";
import type { Step } from "./events.js";

/** More of one kind are not listed in a record; `more` counts them. */
const mostListed = 1_000;

/** The arguments that name a file which a command changes. */
export const pathArguments = ["file", "path", "to", "destination"];

type Fate = "created" | "changed" | "deleted";

/**
 * What steps have changed in the workspace, taken together: a file that was made and is gone again is none of these. Steps
 * that do not list their files count with the file among their command's arguments, as changed.
 */
export function changedBy(steps: readonly Pick<Step, "command" | "result">[]): ChangedFiles {
  const followed = followChanges();
  for (const step of steps) followed.add(step);
  return followed.files();
}

/** The same, step by step. */
export function followChanges() {
  const fates = new Map<string, Fate>();
  return {
    add({ command, result }: Pick<Step, "command" | "result">): void {
      if (result.files !== undefined) follow(fates, result.files);
      else if (result.changed === true) for (const file of namedIn(command?.args ?? {})) note(fates, file, "changed");
    },
    files: (): ChangedFiles => listed(fates),
  };
}

function follow(fates: Map<string, Fate>, files: NonNullable<CommandResult["files"]>): void {
  for (const file of files.created) note(fates, file, "created");
  for (const file of files.changed) note(fates, file, "changed");
  for (const file of files.deleted) note(fates, file, "deleted");
}

function note(fates: Map<string, Fate>, file: string, fate: Fate): void {
  const before = fates.get(file);
  if (fate === "deleted" && before === "created") fates.delete(file);
  else if (fate === "created" && before === "deleted") fates.set(file, "changed");
  else fates.set(file, fate === "changed" && before === "created" ? "created" : fate);
}

const namedIn = (args: Readonly<Record<string, unknown>>): string[] =>
  pathArguments.map((name) => args[name]).filter((value) => typeof value === "string");

function listed(fates: ReadonlyMap<string, Fate>): ChangedFiles {
  const of = (wanted: Fate): string[] => [...fates].flatMap(([file, fate]) => (fate === wanted ? [file] : [])).sort();
  const all = { created: of("created"), changed: of("changed"), deleted: of("deleted") };
  const files = {
    created: all.created.slice(0, mostListed),
    changed: all.changed.slice(0, mostListed),
    deleted: all.deleted.slice(0, mostListed),
  };
  const more = fates.size - files.created.length - files.changed.length - files.deleted.length;
  return more > 0 ? { ...files, more } : files;
}

/** A run may be refused the same thing for days; the last ones are listed. */
const mostRefusals = 100;

/** The last commands that a setting or a rule of the user's did not let run, with what the model was told. */
export function refusalsIn(steps: readonly Step[]): Refusal[] {
  const followed = followRefusals();
  for (const step of steps) followed.add(step);
  return followed.refusals();
}

/** The same, step by step. */
export function followRefusals() {
  const refusals: Refusal[] = [];
  return {
    add({ step, outcome, command, result }: Step): void {
      if (outcome !== "refused") return;
      const reason = result.text.replace(/^Command .*? returned: (Error: )?/, "");
      refusals.push({ step, command: command?.name ?? "", reason });
      if (refusals.length > mostRefusals) refusals.shift();
    },
    refusals: (): Refusal[] => [...refusals],
  };
}

/** What the AI said when it completed its task; null where it did not. */
export function answerOf(steps: readonly Step[]): string | null {
  const last = steps.at(-1);
  if (last?.result.stop !== "task-complete") return null;
  const reason = last.command?.args["reason"];
  return typeof reason === "string" ? reason : "";
}
