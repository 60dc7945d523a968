import { commandLine } from "../base/process/command-line.js";
import { dirname, resolve } from "node:path";
import { isOpenAi } from "../base/address.js";
import { currentFolder } from "../base/process/own-program.js";
import { SettingsError } from "../errors.js";
import { findAbove, foldersAbove } from "./environment/find-above.js";
import { givenKeys } from "./environment/key-source.js";
import { readLayers, type Layer, type SettingsFiles } from "./environment/layers.js";
import { misspeltSettings, type Misspelt } from "./environment/misspelt.js";
import { secretsIn } from "./environment/secrets.js";
import { expandHome } from "../base/folders/user-folder.js";
import { placeholderIn, valueIn, type Found } from "./find-value.js";
import { declaredSettings, type SettingKey, type Settings, type Source, type Sources } from "./schema.js";
import type { Setting } from "./setting.js";

type Environment = Readonly<Record<string, string | undefined>>;
type LoadOptions = {
  flags?: Partial<Settings>;
  cwd?: string;
  environment?: Environment;
  /** Whether files count, the project's `.env` and the user's own; they do unless told. */
  envFile?: boolean;
  /** Whether secrets are fetched that a file or a command gives; they are unless told. Else they count as not set. */
  fetchKeys?: boolean;
};

/**
 * `secrets`: the values of keys and tokens, longest first, for masking. `misspelt`: names that are nearly a setting's.
 * `warnings`: sentences about files that were passed over, and lines of them that are probably meant otherwise than they are
 * read. `files`: the files that variables can be written to.
 */
export type LoadedSettings = {
  settings: Settings;
  sources: Sources;
  secrets: string[];
  misspelt: Misspelt[];
  warnings: readonly string[];
  files: SettingsFiles;
  /** A variable of the environment, or of a file of settings where it is not set there. */
  variable(name: string): string | undefined;
};

/**
 * Reads every setting once: flags win over the profile that one of them names, that over the environment, that over the
 * project's `.env`, that over the user's own, that over defaults. Changes nothing, `process.env` least of all. Throws
 * SettingsError, which names the value's source and what was expected.
 */
export async function loadSettings(options: LoadOptions = {}): Promise<LoadedSettings> {
  const { flags = {}, cwd = requireFolder(currentFolder()), environment = process.env, fetchKeys = true } = options;
  const folders = foldersAbove(cwd, environment);
  const { profile } = flags;
  const read = await readLayers({ cwd, environment, profile, folders: options.envFile === false ? null : folders });
  const { layers, files } = read;
  const warnings = [...read.warnings];
  const project = findProject(folders, warnings);
  const found = await Promise.all(
    declaredSettings().map(async ([key, setting]) => {
      const { value, source, folder } =
        flagValue(setting, flags[key], cwd) ??
        (await valueIn(layers, setting, { environment, fetchKeys })) ??
        fallback(key, setting, { layers, cwd, project });
      const path = setting.path && typeof value === "string" ? resolve(folder, expandHome(value, environment)) : value;
      return { key, source, value: path };
    }),
  );
  const settings = Object.fromEntries(found.map(({ key, value }) => [key, value])) as Settings;
  const sources = Object.fromEntries(found.map(({ key, source }) => [key, source])) as Sources;
  return {
    settings: withModelFlag({ ...settings, skipReprompt: settings.skipReprompt || namesTheAi(sources) }, sources),
    sources,
    secrets: secretsIn(...layers.map(({ values }) => values), asVariables(flags), asVariables(settings)),
    misspelt: misspeltSettings(layers),
    warnings,
    files,
    variable: (name) => layers.map(({ values }) => values[name]).find((value) => value !== undefined && value !== ""),
  };
}

/** One model named by a flag, at a server that is not OpenAI's, is meant for everything: it has not the fast one of the defaults. */
function withModelFlag(settings: Settings, sources: Sources): Settings {
  const isMeant = sources.smartModel.kind === "flag" && sources.fastModel.kind === "default";
  return isMeant && !isOpenAi(settings.openAiBaseUrl) && !settings.useAzure
    ? { ...settings, fastModel: settings.smartModel }
    : settings;
}

/** Throws SettingsError for a current folder that is gone: relative paths, `.env` and the state of runs would be nowhere. */
export function requireFolder(folder: string | null): string {
  if (folder !== null) return folder;
  throw new SettingsError(
    `The current folder has been removed. Change to one that exists, and start ${commandLine()} again.`,
  );
}

/**
 * The secrets to mask where loading may have failed: those of the environment, of
 * files of settings as far as they can be read, and what commands have given.
 */
export async function knownSecrets(cwd: string | null, environment: Environment = process.env): Promise<string[]> {
  const folders = cwd === null ? null : foldersAbove(cwd, environment);
  const { layers } = await readLayers({ cwd: cwd ?? "", environment, folders }).catch(() => ({ layers: [] }));
  return secretsIn(environment, ...layers.map(({ values }) => values), givenKeys());
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

/** The folder of the project's own AI, and where its other files lie that were found; those that are new lie beside it. */
type Project = { folder: string | null; found: ReadonlyMap<SettingKey, string> };

function findProject(folders: readonly string[], warnings: string[]): Project {
  const found = new Map<SettingKey, string>();
  for (const [key, setting] of declaredSettings()) {
    if (setting.above === undefined) continue;
    const { path, refused } = findAbove(setting.above, folders);
    if (path !== null) found.set(key, path);
    warnings.push(...refused.map((other) => `${other} belongs to another user, so it is left alone.`));
  }
  const ai = found.get("aiSettingsFile");
  return { folder: ai === undefined ? null : dirname(ai), found };
}

const flagValue = ({ flag }: Setting<unknown>, value: unknown, folder: string): Found | undefined =>
  value === undefined ? undefined : { value, source: { kind: "flag", text: flag?.long ?? "a flag" }, folder };

/** Files and folders of the project lie where they were found, else beside its AI. */
function fallback(
  key: SettingKey,
  setting: Setting<unknown>,
  { layers, cwd, project }: { layers: readonly Layer[]; cwd: string; project: Project },
): Found {
  const value = project.found.get(key) ?? setting.default;
  const placeholder = setting.secret ? placeholderIn(layers, setting) : null;
  const text = placeholder === null ? "the default" : `the default; ${placeholder} has the placeholder still`;
  return { value, source: { kind: "default", text }, folder: project.folder ?? cwd };
}

/** Whoever names the AI on the command line is not asked which one to go on with. */
const namesTheAi = (sources: Sources): boolean =>
  [sources.aiSettingsFile, sources.aiName, sources.aiRole, sources.aiGoals].some(({ kind }) => kind === "flag");
