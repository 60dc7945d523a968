import { lstat, mkdir, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve, sep } from "node:path";
import { homedir } from "node:os";
import { findProgram } from "../base/find-program.js";
import { isWithin } from "../protection/guarded.js";
import type { Place } from "../protection/places.js";
import { bareSystem, closedSystem, mountOf } from "./backends/bubblewrap.js";
import { emptyFileIn, guardedOf, type ChooseOptions } from "./choose.js";
import { findBubblewrap } from "./find-bubblewrap.js";
import { guardPlaces, placesOf } from "./guard-places.js";
import { plainEnvironment } from "./process/confined-command.js";
import { stripOwnerMarks } from "./process/owner-marks.js";
import { SandboxError, type Ended, type ProgramLimits, type Sandbox } from "./sandbox.js";

/** A program that somebody else starts and speaks to over its standard input and output. */
export type ServerProgram = { command: string; args: readonly string[]; cwd: string };

/** The same, confined: what is started in its place, with this environment besides its own. */
export type ConfinedServer = {
  command: string;
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** To be called when nothing of it is left: what it made that only the user may make is taken out of the workspace. */
  ended(): Promise<void>;
};

export type ConfineOptions = Pick<
  ChooseOptions,
  "workspace" | "forbidden" | "program" | "protection" | "path" | "cache" | "takenFolder"
> & {
  limits: Pick<ProgramLimits, "memory">;
};

/**
 * Confines a server by bubblewrap: without network, in an otherwise empty system, it sees the workspace, which it may change
 * but for what is protected there, and, read-only, what its command and arguments name with the packages around that.
 * Nothing is started yet. Throws SandboxError where there is no bubblewrap.
 */
export async function confineServer(server: ServerProgram, options: ConfineOptions): Promise<ConfinedServer> {
  const bubblewrap = await findBubblewrap(options.path);
  if (!bubblewrap.ok)
    throw new SandboxError(
      `there is no sandbox for it (bubblewrap: ${bubblewrap.problem}); take "sandbox" out to run it without one`,
    );
  await mkdir(options.workspace, { recursive: true });
  const workspace = await realpath(options.workspace);
  const emptyFile = await emptyFileIn(options.cache);
  const guarded = await guardedOf({ ...options, workspace });
  const named = await namedFiles(server, options.path);
  let end = (_ended: Ended): void => undefined;
  let flags: string[] = [];
  const sandbox: Sandbox = {
    ...{ backend: "bubblewrap", confined: true, offline: true },
    async start(_argv, launch) {
      flags = await flagsFor(server, {
        ...options,
        workspace,
        emptyFile,
        named,
        places: placesOf(launch),
        forbidden: guarded.forbidden,
      });
      const ended = new Promise<Ended>((resolve) => (end = resolve));
      return { ended, output: () => ({ stdout: "", stderr: "" }), stop: () => ended };
    },
  };
  const limits = { seconds: null, memory: options.limits.memory, processes: 0, disk: 0, output: 0 };
  const signal = new AbortController().signal;
  const running = await guardPlaces(sandbox, guarded, options.takenFolder).start([], { limits, signal });
  return {
    command: bubblewrap.program,
    args: [...flags, "--", named.command, ...server.args],
    environment: { ...plainEnvironment("/tmp"), ...named.environment },
    async ended() {
      end({ exitCode: 0, signal: null, stdout: "", stderr: "", timedOut: false, endedBy: null });
      await running.ended;
      if (process.getuid?.() === 0) await stripOwnerMarks(workspace);
    },
  };
}

type FlagOptions = Pick<ConfineOptions, "workspace" | "forbidden" | "limits"> & {
  emptyFile: string;
  named: NamedFiles;
  places: readonly Place[];
};

async function flagsFor(
  { cwd }: ServerProgram,
  { workspace, forbidden, limits, emptyFile, named, places }: FlagOptions,
): Promise<string[]> {
  const shown = named.paths.filter((path) => !isWithin(workspace, path) && !path.startsWith(`${sep}usr${sep}`));
  // A folder comes before what lies in it, the workspace among that.
  const mounts = [...new Set(shown)].map((path) => ["--ro-bind", path, path]);
  const ordered = [...mounts, ["--bind", workspace, workspace]].sort(
    (one, other) => (one[1] ?? "").length - (other[1] ?? "").length,
  );
  const hidden = await Promise.all(
    forbidden
      .filter((own) => !isWithin(workspace, own) && shown.some((path) => isWithin(path, own)))
      .map((own) => cover(own, emptyFile)),
  );
  return [
    await bareSystem(false, limits),
    ...(shown.some((path) => isWithin(path, cwd)) || isWithin(workspace, cwd) ? [] : [["--dir", cwd]]),
    ...ordered,
    ...hidden,
    ...places.map((place) => mountOf(place, workspace, { at: workspace, emptyFile })),
    closedSystem,
    ["--chdir", cwd],
  ].flat();
}

/** Our own file or folder with something empty over it; nothing where it is not there. */
async function cover(own: string, emptyFile: string): Promise<string[]> {
  const facts = await lstat(own).catch(() => null);
  if (facts === null) return [];
  return facts.isDirectory() ? ["--tmpfs", own, "--remount-ro", own] : ["--ro-bind", emptyFile, own];
}

type NamedFiles = { command: string; paths: readonly string[]; environment: Readonly<Record<string, string>> };

/** What a server needs to be there: its program, the files and folders that its arguments name, and packages beside these. */
async function namedFiles({ command, args, cwd }: ServerProgram, path: string): Promise<NamedFiles> {
  const found = command.includes("/") ? resolve(cwd, command) : await findProgram(command, path);
  if (found === null) throw new SandboxError(`there is no program ${command}`);
  const program = await aroundProgram(found);
  const given = await Promise.all(
    args.filter((arg) => arg.includes("/") || arg.includes(".")).map((arg) => aroundArgument(resolve(cwd, arg))),
  );
  const isNpx = basename(found) === "npx";
  const cache = join(homedir(), ".npm");
  return {
    command: found,
    paths: [...program, ...given.flat(), ...(isNpx && (await isThere(cache)) ? [cache] : [])],
    // Packages are taken from what npx has kept: there is no network to fetch them by.
    environment: isNpx
      ? { npm_config_cache: cache, npm_config_offline: "true", npm_config_update_notifier: "false" }
      : {},
  };
}

/** A program's own folder tree (`PREFIX/bin/NAME`), also that of the file that it is a link to. */
async function aroundProgram(found: string): Promise<string[]> {
  const real = await realpath(found).catch(() => null);
  if (real === null) throw new SandboxError(`there is no program ${found}`);
  return [found, real].map((file) => {
    const prefix = dirname(dirname(file));
    return basename(dirname(file)) === "bin" && !holdsHome(prefix) ? prefix : file;
  });
}

async function aroundArgument(named: string): Promise<string[]> {
  const real = await realpath(named).catch(() => null);
  if (real === null || !isAbsolute(named)) return [];
  const facts = await lstat(real);
  const paths = [named, real];
  if (!facts.isFile()) return holdsHome(real) ? [] : paths;
  const packages = real.indexOf(`${sep}node_modules${sep}`);
  if (packages >= 0) return [...paths, `${real.slice(0, packages)}${sep}node_modules`];
  const root = await packageRoot(dirname(real));
  if (root === null) return paths;
  const beside = await realpath(join(root, "node_modules")).catch(() => null);
  return [...paths, root, ...(beside === null ? [] : [beside])];
}

/** The nearest folder with a package.json or pyproject.toml above a file, below the user's home. */
async function packageRoot(folder: string): Promise<string | null> {
  for (let at = folder; !holdsHome(at); at = dirname(at))
    for (const name of ["package.json", "pyproject.toml"]) if (await isThere(join(at, name))) return at;
  return null;
}

const isThere = async (path: string): Promise<boolean> => (await lstat(path).catch(() => null)) !== null;

/** Whether this is the user's home, or a folder above it: that is never shown as a whole. */
const holdsHome = (folder: string): boolean => isWithin(folder, homedir()) || folder === dirname(folder);
