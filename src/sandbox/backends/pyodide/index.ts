import { findInPackages } from "../../../base/packages/added.js";
import { access, readlink, realpath } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { besideThis, permissionFlags, pyodideSnapshot } from "./start.js";
import { startGroup } from "../../process/process-group.js";
import { noProtection, protectionOf } from "../../../protection/guarded.js";
import { SandboxError, type LaunchOptions, type Sandbox } from "../../sandbox.js";
import { walkFolder } from "../../../base/folders/walk-folder.js";

/** How long Python may take to start, in seconds, on a machine that is busy. */
const preparation = 60;
/** What the process needs beyond Python's own memory, which the runner limits. */
const runnerMemory = 400 * 1024 * 1024;
const mostEntries = 100_000;
/** The system's time zones: Python's own library has none. */
const timeZones = "/usr/share/zoneinfo";

export type PyodideOptions = {
  /** Where the package is. */
  folder: string;
  workspace: string;
  /** A folder of ours, for the snapshot that makes a start quick. */
  cache: string;
};

/** Where the package is installed, or null. */
export async function findPyodide(): Promise<string | null> {
  const file = findInPackages("pyodide/package.json");
  return file === null ? null : realpath(dirname(file));
}

/** Python compiled to WebAssembly, in a Node process that may read and write the workspace and nothing else. */
export function pyodide({ folder, workspace, cache }: PyodideOptions): Sandbox {
  return {
    backend: "pyodide",
    confined: true,
    offline: true,
    async start([program, file, ...rest], options) {
      if (program !== "python3" || file === undefined || rest.length > 0)
        throw new SandboxError("Pyodide runs Python files only.");
      await refuseLinksOut(workspace);
      const runner = besideThis("pyodide-child.mjs");
      const { memory } = options.limits;
      const snapshot = await pyodideSnapshot(folder, cache);
      const zones = await access(timeZones).then(
        () => [timeZones],
        () => [],
      );
      const read = [
        ...zones,
        folder,
        workspace,
        runner,
        ...["pyodide-files.mjs", "pyodide-protected.mjs", "pyodide-driver.py"].map(besideThis),
        ...(snapshot ? [snapshot] : []),
      ];
      const flags = permissionFlags({ read, write: [workspace] });
      return startGroup({
        ...options,
        limits: { ...options.limits, memory: memory + runnerMemory },
        command: process.execPath,
        args: [
          ...flags,
          runner,
          folder,
          workspace,
          file,
          String(memory),
          protectedOf(options),
          ...(snapshot ? [snapshot] : []),
        ],
        environment: {},
        cwd: workspace,
        workspace,
        announcement: { seconds: preparation, line: null },
      });
    },
  };
}

/** What the child keeps to, as JSON: the protection, with our own files and what is there by its path. */
function protectedOf({ guarded, places = [] }: LaunchOptions): string {
  const protection = guarded ? protectionOf(guarded, places) : noProtection;
  return JSON.stringify({ protection, places: places.map(({ path }) => path) });
}

/** Refuses a workspace with links that lead out of it: Node's permissions would let them be followed. */
async function refuseLinksOut(workspace: string): Promise<void> {
  let count = 0;
  const { closed } = await walkFolder(workspace, async ({ path, at, entries }) => {
    count += entries.length;
    if (count > mostEntries)
      throw new SandboxError(`The workspace holds more than ${mostEntries} files; Python is not run beside so many.`);
    for (const entry of entries) {
      const file = join(path, entry.name);
      const problem = entry.isSymbolicLink()
        ? await problemWithLink(`${at}/${entry.name}`, join(workspace, file), workspace)
        : null;
      if (problem === null) continue;
      throw new SandboxError(
        `Python was not started: the link ${JSON.stringify(file)} ${problem}. Delete it with delete_file.`,
      );
    }
    return undefined;
  });
  if (closed === 0) return;
  throw new SandboxError(
    "Python was not started: a folder of the workspace cannot be looked into for links that lead out.",
  );
}

/** Why a link is refused; null where it is not. A script cannot make links, but it can move one, which gives ".." another meaning. */
async function problemWithLink(at: string, link: string, workspace: string): Promise<string | null> {
  const text = await readlink(at);
  const target = resolve(dirname(link), text);
  const real = await realpath(link).catch(() => target);
  const inside = [target, real].every((path) => path === workspace || path.startsWith(workspace + sep));
  if (!inside) return "leads out of the workspace";
  return text.split(/[\\/]/).includes("..") ? 'leads through "..", so it could be moved until it leads out' : null;
}
