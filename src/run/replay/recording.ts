import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { describedCommands } from "../../compose/tape/described-commands.js";
import { isCheckOfOthers } from "../../compose/tape/taped.js";
import type { Taping } from "../../compose/tape/taping.js";
import { declaredSettings, type Settings } from "../../settings/schema.js";
import { bytesOf } from "../../settings/value-types.js";
import type { FrontEnd } from "../front-end.js";
import type { Plan } from "../plan.js";

/** Who a run is shown to, and where it was started. */
type Surroundings = Pick<FrontEnd, "askUser" | "steering" | "answerable"> & { cwd: string; version: string };

/** How a run is recorded, where the settings want it, with what a replay has to know about it. */
export const recording = (plan: Plan, surroundings: Surroundings): Taping | null =>
  plan.settings.cassette
    ? {
        kind: "record",
        version: surroundings.version,
        mostBytes: bytesOf(plan.settings.cassetteLimit),
        about: () => aboutRun(plan, surroundings),
      }
    : null;

function aboutRun(plan: Plan, { cwd, askUser, steering, answerable }: Surroundings): Record<string, unknown> {
  const { settings, ai, resumed, hooks, commands } = plan;
  return {
    ...{ settings: openSettings(settings), keys: keysIn(settings), node: process.version, platform: process.platform },
    root: realPathOf(plan.workspaceDirectory),
    ...{ cwd, canAskUser: askUser !== undefined, canSteer: steering !== undefined, answerable: answerable ?? false },
    ...{ ...keptOf(plan), ai, isResumed: resumed !== null, hooks: hooks.map(({ env: _env, ...hook }) => hook) },
    commands: describedCommands(commands),
    checks: plan.checks.filter(isCheckOfOthers).map(({ name }) => name),
    capabilities: textOf(join(settings.home, "servers.json")),
    catalog: settings.modelCatalog === undefined ? null : textOf(settings.modelCatalog),
    azureFile: settings.useAzure ? textOf(settings.azureConfigFile) : null,
  };
}

/** What of a plan is as it stands in a cassette. */
const keptKeys = [
  "workspaceDirectory",
  "memoryBackend",
  "limits",
  "continuous",
  "onApproval",
  "approve",
  "protect",
  "only",
  "requireProof",
  "fixAnew",
  "instructions",
  "skills",
  "extensions",
  "servers",
  "serverNames",
  "changes",
  "settingsFile",
] as const satisfies readonly (keyof Plan)[];

export type KeptPlan = Pick<Plan, (typeof keptKeys)[number]>;

const keptOf = (plan: Plan): Record<string, unknown> => Object.fromEntries(keptKeys.map((key) => [key, plan[key]]));

const isSecret = ({ secret, hidden }: { secret?: true; hidden?: true }): boolean => secret === true || hidden === true;

/** The settings without those that are, or may hold, a secret. */
const openSettings = (settings: Settings): Record<string, unknown> =>
  Object.fromEntries(declaredSettings().flatMap(([key, setting]) => (isSecret(setting) ? [] : [[key, settings[key]]])));

/** The names of the secret ones that are set: some of what a run does depends on that. */
const keysIn = (settings: Settings): string[] =>
  declaredSettings().flatMap(([key, setting]) => (isSecret(setting) && settings[key] !== undefined ? [key] : []));

function realPathOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
