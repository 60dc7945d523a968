import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { deepest, isObject, isTooDeep, parseJson } from "../../base/json.js";
import { firstEvent } from "../../base/waiting/first-event.js";
import { messageOf } from "../../errors.js";

type Arguments = Record<string, unknown>;
/** New arguments, or why there are none. */
export type EditedArguments = { ok: true; args: Arguments } | { ok: false; problem: string };

/** The person's editor as a command line for the shell; null where none is named. */
export const editorOf = (environment: Readonly<Record<string, string | undefined>>): string | null =>
  [environment["VISUAL"], environment["EDITOR"]].map((name) => name?.trim()).find(Boolean) ?? null;

/** Lets the person change arguments in an editor of theirs, as YAML, in a file that nobody else can read. */
export async function editInEditor(editor: string, command: string, args: Arguments): Promise<EditedArguments> {
  const folder = await mkdtemp(join(tmpdir(), "autogpt-edit-"));
  const file = join(folder, "arguments.yaml");
  try {
    const comment = `# The arguments of ${command}, as YAML or JSON. Save and close: you are asked again before anything runs.\n`;
    await writeFile(file, comment + (await writtenArguments(args)), { mode: 0o600 });
    // As git does it: the setting may be a command with options.
    const child = spawn(`${editor} "${file}"`, { shell: true, stdio: "inherit" });
    const problem = await firstEvent<string | null>(child, {
      error: (error: Error) => messageOf(error),
      exit: (code: number | null) => (code === 0 ? null : `exit code ${String(code)}`),
    });
    if (problem !== null)
      return { ok: false, problem: `The editor (${editor}) failed: ${problem}. Nothing was changed.` };
    return await readArguments(await readFile(file, "utf8"));
  } catch (thrown) {
    return { ok: false, problem: `The arguments cannot be edited: ${messageOf(thrown)}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Lets the person change arguments: in an editor of theirs, else on a line, on which they stand already. */
export async function changeArguments(
  editor: string | null,
  { name, args }: { name: string; args: Arguments },
  ask: (text: string, prefill: string) => Promise<string | null>,
): Promise<EditedArguments> {
  if (editor !== null) return editInEditor(editor, name, args);
  const line = await ask("Arguments, as JSON or YAML: ", JSON.stringify(args));
  if (line === null || line.trim() === "") return { ok: false, problem: "Nothing was changed." };
  return readArguments(line);
}

/** Arguments as a person would write them; as JSON where YAML would say something else. */
async function writtenArguments(args: Arguments): Promise<string> {
  const { parse, stringify } = await import("yaml");
  const text = stringify(args, { lineWidth: 0, blockQuote: "literal" });
  return isDeepStrictEqual(parse(text), args) ? text : `${JSON.stringify(args, null, 2)}\n`;
}

const argumentsOf = (args: Arguments): EditedArguments =>
  isTooDeep(args)
    ? { ok: false, problem: `More than ${deepest} objects or lists are nested. Nothing was changed.` }
    : { ok: true, args };

/** Arguments that a person wrote, as JSON or YAML. */
export async function readArguments(text: string): Promise<EditedArguments> {
  const json = parseJson(text);
  if (isObject(json)) return argumentsOf(json);
  try {
    const { parse } = await import("yaml");
    const value: unknown = parse(text);
    if (isObject(value)) return argumentsOf(value);
    return { ok: false, problem: 'Arguments are written as {"name": "value"} or as name: value. Nothing was changed.' };
  } catch (thrown) {
    const [line] = messageOf(thrown).split("\n");
    return { ok: false, problem: `This is neither JSON nor YAML: ${line} Nothing was changed.` };
  }
}
