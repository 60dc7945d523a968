import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { requireTrust, type Trust, type Trustable, type Wording } from "../../extensions/trust.js";
import type { RunResumed } from "../../history/events.js";
import type { RecordedRun } from "../../history/read-run.js";
import { recordedHookOf, type Hook } from "../../hooks/hook.js";
import type { WrittenHook } from "../../settings/ai/programs/hooks.js";
import { bareEnvironment } from "../../settings/environment/bare-environment.js";
import { expandVariables, secretValues } from "../../settings/environment/expand-variables.js";
import type { LoadedSettings } from "../../settings/load.js";

export type HookSurroundings = { loaded: LoadedSettings; host: { trust: Trust }; file: string; workspace: string };

/** The hooks of a run, and the settings with what in their environment nobody else is to see. */
export type OpenedHooks = { hooks: readonly Hook[]; known: LoadedSettings };

/** Those that a settings file names now. Throws SettingsError. */
export async function hooksNow(file: string): Promise<readonly WrittenHook[]> {
  const [{ readTextFile }, { parseHooks }] = await Promise.all([
    import("../../settings/text-file.js"),
    import("../../settings/ai/programs/hooks.js"),
  ]);
  const text = await readTextFile(file, { pipe: true });
  return text === null ? [] : parseHooks(text, file);
}

/**
 * Finds the programs of hooks, which the user trusts. Throws SettingsError for one that is not trusted, that lies where the AI writes,
 * or whose variables are not set: nothing of them has run then. One that is not there fails when it is to be run.
 */
export async function openRunHooks(
  written: readonly WrittenHook[],
  { loaded, host, file, workspace }: HookSurroundings,
): Promise<OpenedHooks> {
  if (written.length === 0) return { hooks: [], known: loaded };
  const { findHook } = await import("../../hooks/find-hook.js");
  const own = bareEnvironment();
  const secrets: string[] = [];
  const hooks: Hook[] = [];
  for (const { command, args, env, seconds, place, ...hook } of written) {
    const filled = (text: string): string => expandVariables(text, loaded.variable, place);
    const named = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value)]));
    secrets.push(...secretValues(named));
    const about = {
      ...{ ...hook, place, line: [command, ...args].join(" "), command: filled(command), args: args.map(filled) },
      ...{ env: { ...own, ...named }, folder: dirname(file), timeoutMs: seconds * 1000 },
    };
    hooks.push(await findHook(about, { path: own["PATH"] ?? "", workspace, home: loaded.settings.home }));
  }
  await requireTrust(hooks.map(trustable), host.trust, ofHooks);
  return { hooks, known: { ...loaded, secrets: [...loaded.secrets, ...secrets] } };
}

/**
 * What is different of a run's hooks from here on, which is said. They are those that the settings file names now in any case: the
 * user trusts programs as they are now, and no journal has what may be secret in their environment.
 */
export function hooksChanged(
  host: { warn(text: string): void },
  { start }: RecordedRun,
  hooks: readonly Hook[],
): Pick<RunResumed, "hooks"> {
  const now = hooks.map(recordedHookOf);
  if (isDeepStrictEqual(now, start.hooks ?? [])) return {};
  host.warn("The hooks are not those that this run began with. Those that the settings file names now are run.");
  return { hooks: now };
}

const trustable = ({ event, line, place, folder, digest }: Hook): Trustable => {
  const file = `${event}: ${line}`;
  return { place, module: file, file, folder, digest };
};

const ofHooks: Wording = {
  one: "hook",
  many: "hooks",
  means: "A hook is a program that runs with your rights, outside the sandbox.",
  introduction: ({ place }) => `${place} names hooks: programs that run with your rights, outside the sandbox.`,
  question: "Do you trust them in this folder (y/n)? ",
};
