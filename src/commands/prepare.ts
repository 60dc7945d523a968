import type * as z from "zod";
import { messageOf } from "../errors.js";
import type { CommandCall, CommandResult } from "../history/event-parts.js";
import type { Foreseen } from "../history/events/foreseen.js";
import { listedArguments, type Command, type CommandContext, type Effect, type Review } from "./command.js";
import type { Preview } from "../history/events/preview.js";
import { previewOfArguments } from "./preview.js";

/** A command that can run: what is shown is what runs. */
export type PreparedCommand = {
  ok: true;
  call: CommandCall;
  effect: Effect;
  review(context: CommandContext): Promise<Review>;
  /** What it will do. Never rejects: what cannot be told stands in it. */
  preview(context: CommandContext): Promise<Preview>;
  /** The paths below the workspace that it may change, under all names that they go by there; "all" where that cannot be told. */
  touches(context: CommandContext): Promise<readonly string[] | "all">;
  /** What it will leave behind; null where that cannot be told before. Never rejects. */
  foresee(context: CommandContext): Promise<Foreseen | null>;
  /** It may be run a second time where nobody knows what came of the first. */
  repeatable: boolean;
  run(context: CommandContext): Promise<CommandResult>;
};

/** Finds the command, renames and converts its arguments, checks them. What cannot run is an answer for the model. */
export function prepareCommand(
  commands: ReadonlyMap<string, Command>,
  call: CommandCall,
): PreparedCommand | { ok: false; text: string } {
  const name = call.name.trim().toLowerCase();
  const command = commands.get(call.name.trim()) ?? commands.get(name) ?? foundBy(name, commands);
  if (!command) return { ok: false, text: unknownCommand(call.name.trim(), name, commands) };

  const given = command.takesAnyArguments ? call.args : convert(command, rename(command, call.args));
  const parsed = command.args.safeParse(given);
  if (!parsed.success) return { ok: false, text: `Error: ${wrongArguments(command, given, parsed.error)}` };
  const args: Record<string, unknown> = parsed.data;
  return {
    ok: true,
    call: { name: command.name, args },
    effect: command.effect,
    review: async (context) => ({
      subjects: await subjectsOf(args, context),
      ...(await command.review?.(args as never, context)),
    }),
    preview: async (context) => {
      const plain = previewOfArguments(args);
      if (command.preview === undefined) return plain;
      return command
        .preview(args as never, context)
        .catch((thrown: unknown): Preview => [...plain, { kind: "text", title: "problem", text: messageOf(thrown) }]);
    },
    touches: (context) => touchedBy(command, args, context),
    // What cannot be looked at cannot be found out afterwards.
    foresee: async (context) => (await command.foresee?.(args as never, context).catch(() => null)) ?? null,
    repeatable: isRepeatable(command),
    async run(context) {
      const result = await command.run(args as never, context);
      return typeof result === "string" ? { ok: true, text: result } : result;
    },
  };
}

const foundBy = (name: string, commands: ReadonlyMap<string, Command>): Command | undefined =>
  [...commands.values()].find((command) => command.synonyms?.includes(name) || command.name.toLowerCase() === name);

/** What may be done a second time: it changes nothing, or only what the journal has. */
const harmless: ReadonlySet<Effect> = new Set(["reads", "asks a model", "nothing", "ends the run"]);
/** Whether a command that was cut short may be run again, whatever came of it. */
export const isRepeatable = ({ repeatable, effect }: Command): boolean => repeatable ?? harmless.has(effect);

const writing: ReadonlySet<Effect> = new Set(["writes", "replaces", "deletes"]);
const pathArguments = ["file", "path", "from", "to", "source", "destination", "directory", "folder"];

/** Whether a call may change something in the workspace; its arguments are as they were journalled. */
export function mayTouch(command: Command, args: Record<string, unknown>): boolean {
  const paths = command.touches?.(args as never) ?? usuallyTouched(command, args);
  return paths.length > 0;
}

async function touchedBy(
  command: Command,
  args: Record<string, unknown>,
  { workspace }: CommandContext,
): Promise<readonly string[] | "all"> {
  const paths = writtenPaths(command, args);
  if (paths === "all") return paths;
  // A path that is no path of the workspace fails by itself.
  const names = await Promise.all(paths.map((path) => workspace.namesOf(path).catch(() => [])));
  return [...new Set(names.flat())].filter((path) => path !== ".");
}

const writtenPaths = (command: Command, args: Record<string, unknown>): readonly string[] | "all" =>
  command.touches?.(args as never) ?? usuallyTouched(command, args);

/** Whether a call may change anything in the workspace, so that its arguments do not tell what it changed. */
export const mayChangeAnything = (command: Command, args: Record<string, unknown>): boolean =>
  writtenPaths(command, args) === "all";

function usuallyTouched({ effect }: Command, args: Record<string, unknown>): readonly string[] | "all" {
  if (effect === "runs code") return "all";
  if (!writing.has(effect)) return [];
  const paths = pathArguments.map((name) => args[name]).filter((value) => typeof value === "string");
  return paths.length === 0 ? "all" : paths;
}

/** Texts that the user's rules are compared with: a path as it really is, of anything else the first argument. */
async function subjectsOf(args: Record<string, unknown>, { workspace }: CommandContext): Promise<string[] | null> {
  for (const name of ["file", "directory"]) {
    const path = args[name];
    if (typeof path !== "string") continue;
    return workspace.namesOf(path).catch(() => null);
  }
  const [first] = Object.values(args);
  return [typeof first === "string" ? first : first === undefined ? "" : JSON.stringify(first)];
}

function rename(command: Command, args: Record<string, unknown>): Record<string, unknown> {
  const known = new Set(Object.keys(command.args.shape));
  const renames = new Map(Object.entries(command.renames ?? {}));
  const renamed = new Map<string, unknown>();
  // Models write null for an argument that they leave out.
  const given = new Map(Object.entries(args).filter(([, value]) => value !== null));
  for (const [key, value] of given) {
    const name = known.has(key) ? key : renames.get(key);
    if (name !== undefined && (known.has(key) || !given.has(name))) renamed.set(name, value);
  }
  return Object.fromEntries(renamed);
}

/** A number where text is due is its text, and digits where a number is due are that number. */
function convert(command: Command, args: Record<string, unknown>): Record<string, unknown> {
  const converted = Object.entries(args).map(([key, value]): [string, unknown] => {
    const wanted = baseType(command.args.shape[key] as z.ZodType);
    const takesText = wanted === "string" || wanted === "union";
    if (takesText && (typeof value === "number" || typeof value === "boolean")) return [key, String(value)];
    if (wanted === "number" && typeof value === "string" && /^\d+$/.test(value.trim())) return [key, Number(value)];
    return [key, value];
  });
  return Object.fromEntries(converted);
}

function baseType(type: z.ZodType): string {
  let inner = type as z.ZodType & { unwrap?: () => z.ZodType };
  while (typeof inner.unwrap === "function") inner = inner.unwrap();
  return inner.def.type;
}

function wrongArguments(command: Command, given: Record<string, unknown>, error: z.ZodError): string {
  const problems = error.issues.map((issue) => {
    const name = String(issue.path[0]);
    if (given[name] === undefined) return `the argument "${name}" is missing`;
    if (issue.code !== "invalid_type") return `the argument "${name}" is wrong: ${issue.message}`;
    return `the argument "${name}" must be a ${issue.expected === "string" ? "text" : issue.expected}`;
  });
  const args = listedArguments(command).map(([name]) => `"${name}"`);
  return `${problems.join("; ")}. ${command.name} takes ${args.length > 0 ? args.join(", ") : "no arguments"}.`;
}

function unknownCommand(written: string, name: string, commands: ReadonlyMap<string, Command>): string {
  const listed = [...commands.values()].filter((command) => !command.hidden).map((command) => command.name);
  const near = listed
    .map((candidate) => ({ candidate, distance: editDistance(name.slice(0, 60), candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 4)))
    .sort((a, b) => a.distance - b.distance)[0];
  const sentence = `Unknown command '${written}'. Please refer to the 'COMMANDS' list for available commands and only respond in the specified JSON format.`;
  return near ? `${sentence} Did you mean '${near.candidate}'?` : sentence;
}

/** Levenshtein's distance, row by row (Wagner and Fischer, 1974). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
