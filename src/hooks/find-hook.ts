import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { findProgram } from "../base/find-program.js";
import { SettingsError } from "../errors.js";
import { isWithin } from "../protection/guarded.js";
import type { Hook } from "./hook.js";

/** A hook as the settings have it, with variables in it expanded. */
export type NamedHook = Omit<Hook, "program" | "files" | "digest"> & { command: string };

/** Where programs of hooks may not lie, with what is out of the AI's reach although it lies there. */
export type Reach = { workspace: string; home: string };

/** Folders of programs, as in PATH. */
type Search = { path: string } & Reach;

/**
 * Finds a hook's program and what of the user's it is made of: the program, where it is named by a path, and arguments that are files.
 * Throws SettingsError where one of them lies in the workspace, in which the AI writes.
 */
export async function findHook({ command, ...hook }: NamedHook, { path, workspace, home }: Search): Promise<Hook> {
  const isPath = /[\\/]/.test(command);
  const named = isPath ? resolve(hook.folder, command) : await findProgram(command, path);
  const candidates = [
    ...(isPath && named !== null ? [named] : []),
    ...hook.args.map((arg) => resolve(hook.folder, arg)),
  ];
  const files = (await Promise.all(candidates.map(realFile))).filter((file) => file !== null);
  const [root, own] = await Promise.all([workspace, home].map((folder) => realpath(folder).catch(() => folder)));
  for (const file of files) {
    if (!isWithin(root as string, file) || isWithin(own as string, file)) continue;
    throw new SettingsError(
      `${hook.place}: the hook ${hook.line} cannot be used: ${file} lies in the workspace ${root}, where the AI itself can change it. ` +
        "Move it out of there, or into the folder .autogpt.",
    );
  }
  const program = named !== null && isAbsolute(named) ? named : null;
  const found = { ...hook, program, files };
  return { ...found, digest: await digestOf(found) };
}

/** A digest of all that a hook does: of the program's files as they are now, and of how it is run. */
export async function digestOf(hook: Omit<Hook, "digest">): Promise<string> {
  const { event, line, program, args, env, folder, commands, files } = hook;
  const hash = createHash("sha256");
  hash.update(JSON.stringify([event, line, program, args, Object.keys(env).sort(), folder, commands]));
  for (const file of files) {
    const content = await readFile(file).catch(() => "gone");
    hash.update(`\0${file}\0`).update(content);
  }
  // Where a program was not there, it has to be looked at once it is.
  if (program !== null && (await realFile(program)) === null) hash.update("\0missing");
  return hash.digest("hex");
}

async function realFile(path: string): Promise<string | null> {
  try {
    return (await stat(path)).isFile() ? await realpath(path) : null;
  } catch {
    return null;
  }
}
