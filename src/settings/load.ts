import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { currentFolder } from "../base/process/own-program.js";
import { SettingsError } from "../errors.js";
import { noEnvFile, readEnvFile, type EnvFile } from "./environment/env-file.js";
import { misspeltSettings, type Misspelt } from "./environment/misspelt.js";
import { secretsIn } from "./environment/secrets.js";
import { readValue, isSet } from "./read-value.js";
import { declaredSettings, type Settings, type Source, type Sources } from "./schema.js";
import type { Setting } from "./setting.js";

type Environment = Readonly<Record<string, string | undefined>>;
type LoadOptions = {
  flags?: Partial<Settings>;
  cwd?: string;
  environment?: Environment;
  /** Whether `.env` in the current folder counts; it does unless told. */
  envFile?: boolean;
};

/**
 * `secrets`: the values of keys and tokens, longest first, for masking. `misspelt`: names that are nearly a setting's.
 * `warnings`: sentences about lines of `.env` that are probably meant otherwise than they are read.
 */
export type LoadedSettings = {
  settings: Settings;
  sources: Sources;
  secrets: string[];
  misspelt: Misspelt[];
  warnings: readonly string[];
};

/**
 * Reads every setting once: flags win over the environment, that over `.env` in the current folder, that over defaults.
 * Changes nothing, `process.env` least of all. Throws SettingsError, which names the value's source and what was expected.
 */
export async function loadSettings(options: LoadOptions = {}): Promise<LoadedSettings> {
  const { flags = {}, cwd = requireFolder(currentFolder()), environment = process.env } = options;
  const envFile = options.envFile === false ? noEnvFile : await readEnvFile(join(cwd, ".env"));
  const found = declaredSettings().map(([key, setting]) => {
    const { value, source } =
      flagValue(setting, flags[key]) ?? environmentValue(setting, environment, envFile) ?? fallback(setting);
    return {
      key,
      source,
      value: setting.path && typeof value === "string" ? absolute(value, cwd, environment) : value,
    };
  });
  const settings = Object.fromEntries(found.map(({ key, value }) => [key, value])) as Settings;
  const sources = Object.fromEntries(found.map(({ key, source }) => [key, source])) as Sources;
  return {
    settings: { ...settings, skipReprompt: settings.skipReprompt || namesTheAi(sources) },
    sources,
    secrets: secretsIn(environment, envFile.values, asVariables(flags)),
    misspelt: misspeltSettings(environment, envFile),
    warnings: envFile.warnings,
  };
}

/** Throws SettingsError for a current folder that is gone: relative paths, `.env` and the state of runs would be nowhere. */
export function requireFolder(folder: string | null): string {
  if (folder !== null) return folder;
  throw new SettingsError("The current folder has been removed. Change to one that exists, and start autogpt again.");
}

/** The secrets to mask where loading may have failed: those of the environment, and of `.env` as far as it can be read. */
export async function knownSecrets(cwd: string | null, environment: Environment = process.env): Promise<string[]> {
  const { values } = cwd === null ? noEnvFile : await readEnvFile(join(cwd, ".env")).catch(() => noEnvFile);
  return secretsIn(environment, values);
}

/** Takes `api_budget` of ai_settings.yaml as the cost limit, unless flags or the environment have set one. */
export function withBudget(loaded: LoadedSettings, apiBudget: number | undefined, file: string): LoadedSettings {
  if (apiBudget === undefined || loaded.sources.maxCost.kind !== "default") return loaded;
  const source: Source = { kind: "ai-settings", text: `api_budget in ${file}` };
  return {
    ...loaded,
    settings: { ...loaded.settings, maxCost: apiBudget },
    sources: { ...loaded.sources, maxCost: source },
  };
}

/** What was given by flags or by a program, under the names that it would have in the environment. */
const asVariables = (flags: Partial<Settings>): Record<string, string> =>
  Object.fromEntries(
    declaredSettings().flatMap(([key, { environment = [] }]) => {
      const [name] = environment;
      const value: unknown = flags[key];
      return name !== undefined && typeof value === "string" ? [[name, value]] : [];
    }),
  );

type Found = { value: unknown; source: Source };

const flagValue = ({ flag }: Setting<unknown>, value: unknown): Found | undefined =>
  value === undefined ? undefined : { value, source: { kind: "flag", text: flag?.long ?? "a flag" } };

function environmentValue(setting: Setting<unknown>, environment: Environment, envFile: EnvFile): Found | undefined {
  const found = variableOf(setting, environment, envFile);
  return found && { value: readValue(setting, found.text, found.source), source: found.source };
}

function variableOf({ environment: names = [], shared }: Setting<unknown>, environment: Environment, envFile: EnvFile) {
  for (const name of names) {
    const text = environment[name];
    if (shared?.test(text ?? "") === false) continue;
    if (isSet(text)) return { text, source: { kind: "environment", text: `${name} in the environment` } as const };
  }
  for (const name of names) {
    const text = envFile.values[name];
    if (!isSet(text)) continue;
    const place = `${name} in .env, line ${envFile.lineOf(name)},`;
    const problem = envFile.problemOf(name);
    if (problem !== null) throw new SettingsError(`${place} cannot be used: ${problem}.`);
    return { text, source: { kind: "env-file", text: place } as const };
  }
  return undefined;
}

const fallback = (setting: Setting<unknown>): Found => ({
  value: setting.default,
  source: { kind: "default", text: "the default" },
});

function absolute(path: string, cwd: string, environment: Environment): string {
  const home = environment[process.platform === "win32" ? "USERPROFILE" : "HOME"] ?? homedir();
  const expanded = /^~(?=$|[\\/])/.test(path) ? join(home, path.slice(1)) : path;
  return resolve(cwd, expanded);
}

/** Whoever names the AI on the command line is not asked which one to go on with. */
const namesTheAi = (sources: Sources): boolean =>
  [sources.aiSettingsFile, sources.aiName, sources.aiRole, sources.aiGoals].some(({ kind }) => kind === "flag");
