import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { SettingsError } from "../../errors.js";
import { noEnvFile, readEnvFile, type EnvFile } from "./env-file.js";
import { findAbove } from "./find-above.js";
import { homeFolder, userFolder } from "../../base/folders/user-folder.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of one place. */
export type Layer = {
  kind: "profile" | "environment" | "env-file" | "user-file";
  values: Environment;
  /** Where a variable is set: `the environment`, `.env, line 3`. */
  placeOf(name: string): string;
  problemOf(name: string): string | null;
  /** Where its relative paths start. */
  folder: string;
};

/** The strongest first. `warnings` are sentences on what was passed over, or is probably meant otherwise than it is read. */
export type Layers = { layers: readonly Layer[]; warnings: string[]; files: SettingsFiles };

/** The project's `.env`, there or not; the user's own one. */
export type SettingsFiles = { project: string; user: string };

export type LayerOptions = {
  cwd: string;
  environment: Environment;
  /** The folders in which `.env` is looked for; null: only the environment counts. */
  folders: readonly string[] | null;
  profile?: string | undefined;
};

/**
 * Everything besides flags that settings are read from: the profile that a flag names, the environment, the project's `.env`,
 * the user's own. Throws SettingsError.
 */
export async function readLayers({ cwd, environment, folders, profile }: LayerOptions): Promise<Layers> {
  const own = userFolder("config", environment);
  const files = { project: join(cwd, ".env"), user: join(own, ".env") };
  const outside: Layer = {
    kind: "environment",
    values: environment,
    placeOf: () => "the environment",
    problemOf: () => null,
    folder: cwd,
  };
  const profiled = profile === undefined ? null : await profileLayer(profile, own, environment);
  if (folders === null) return { layers: [...(profiled ? [profiled.layer] : []), outside], warnings: [], files };
  const found = findAbove([".env"], folders);
  const project = found.path ?? files.project;
  const shown = relative(cwd, project).replaceAll("\\", "/");
  const [inProject, ofUser] = await Promise.all([
    fileLayer("env-file", project, shown),
    project === files.user
      ? { layer: emptyLayer(files.user), warnings: [] }
      : fileLayer("user-file", files.user, withTilde(files.user, environment)),
  ]);
  const read = [...(profiled ? [profiled] : []), inProject, ofUser];
  return {
    layers: [...(profiled ? [profiled.layer] : []), outside, inProject.layer, ofUser.layer],
    warnings: [
      ...found.refused.map((path) => `${path} belongs to another user, so it is not read.`),
      ...read.flatMap(({ warnings }) => warnings),
    ],
    files: { ...files, project },
  };
}

type Read = { layer: Layer; warnings: readonly string[] };

async function fileLayer(kind: Layer["kind"], file: string, shown: string): Promise<Read> {
  const read = await readEnvFile(file, shown);
  return { layer: layerOf(kind, file, shown, read), warnings: read.warnings };
}

function layerOf(kind: Layer["kind"], file: string, shown: string, { values, lineOf, problemOf }: EnvFile): Layer {
  return { kind, values, placeOf: (name) => `${shown}, line ${lineOf(name)}`, problemOf, folder: dirname(file) };
}

const emptyLayer = (file: string): Layer => layerOf("user-file", file, file, noEnvFile);

async function profileLayer(name: string, own: string, environment: Environment): Promise<Read> {
  const file = join(own, "profiles", `${name}.env`);
  if (existsSync(file)) return fileLayer("profile", file, withTilde(file, environment));
  throw new SettingsError(
    `There is no profile ${JSON.stringify(name)}: ${file} does not exist. Write its settings there.`,
  );
}

/** A path as people write it who are at home. */
function withTilde(path: string, environment: Environment): string {
  const home = homeFolder(environment);
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
