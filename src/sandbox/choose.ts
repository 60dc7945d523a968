import { howToAdd } from "../base/packages/parts.js";
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Guarded } from "../protection/guarded.js";
import type { Protection } from "../protection/protection.js";
import { guardPlaces } from "./guard-places.js";
import { findBubblewrap } from "./find-bubblewrap.js";
import { ask } from "./process/ask-program.js";
import { bubblewrap } from "./backends/bubblewrap.js";
import { docker } from "./backends/docker.js";
import { findProgram } from "../base/find-program.js";
import { local } from "./backends/local.js";
import { findPyodide, pyodide } from "./backends/pyodide/index.js";
import { SandboxError, type Capability, type BackendName, type Sandbox } from "./sandbox.js";
import { findSandboxRuntime, sandboxRuntime } from "./backends/sandbox-runtime.js";

/** `auto` takes the first that works; `required` too, but never `none`. */
export type Wanted = "auto" | "required" | BackendName;

export type ChooseOptions = {
  wanted: Wanted;
  workspace: string;
  /** Files and folders of the program itself: its settings and state. */
  forbidden: readonly string[];
  /** Its code, which the next start runs unconfined. */
  program: readonly string[];
  /** What else in the workspace is protected. */
  protection: Protection;
  /** Whether the network is open, or to which hosts. */
  network: boolean | readonly string[];
  image: string;
  /** A folder of the program's own, for snapshots that make a start quick. */
  cache: string;
  /** Another one, for what is taken back from code that made what only the user may make. */
  takenFolder: string;
  /** Where programs are looked for. */
  path: string;
  /** What a docker client may know of the environment. */
  dockerEnvironment: Readonly<Record<string, string>>;
};

type Tried = { backend: BackendName; sandbox: Sandbox } | { backend: BackendName; problem: string };
type SandboxBackend = {
  name: BackendName;
  can: readonly Capability[];
  open(options: ChooseOptions, can: Capability): Promise<Tried>;
};

const works = (sandbox: Sandbox): Tried => ({ backend: sandbox.backend, sandbox });
const fails = (backend: BackendName, problem: string): Tried => ({ backend, problem });

/** In the order in which they are taken. */
const backends: readonly SandboxBackend[] = [
  { name: "docker", can: ["python", "shell"], open: openDocker },
  { name: "bubblewrap", can: ["python", "shell"], open: openBubblewrap },
  { name: "sandbox-runtime", can: ["python", "shell"], open: openSandboxRuntime },
  { name: "pyodide", can: ["python"], open: openPyodide },
];

/** The sandbox that was chosen for Python or for the shell, or null where there is none, and why others were not. */
export type Choice = { sandbox: Sandbox | null; tried: readonly { backend: BackendName; problem: string }[] };

/** Chooses a sandbox. Nothing of the code is run yet; the program that confines it is tried out once. */
export async function chooseSandbox(can: Capability, options: ChooseOptions): Promise<Choice> {
  const { wanted } = options;
  const tried: { backend: BackendName; problem: string }[] = [];
  for (const backend of ordered(options)) {
    if (wanted !== "auto" && wanted !== "required" && wanted !== backend.name) continue;
    const result = backend.can.includes(can)
      ? await backend.open(options, can)
      : fails(backend.name, "it runs Python files only");
    if ("sandbox" in result) {
      const guarded = await guardedOf(options);
      return { sandbox: guardPlaces(result.sandbox, guarded, options.takenFolder), tried };
    }
    tried.push(result);
  }
  const unconfined = wanted === "none" || (wanted === "auto" && can === "shell");
  return { sandbox: unconfined ? local(options) : null, tried };
}

/** What is protected in the workspace, by the real paths of our own files, which may not be there yet. */
export async function guardedOf({
  workspace,
  forbidden,
  program,
  protection,
}: Pick<ChooseOptions, "workspace" | "forbidden" | "program" | "protection">): Promise<Guarded> {
  const real = (paths: readonly string[]) => Promise.all(paths.map(realPath));
  return { root: workspace, forbidden: await real(forbidden), program: await real(program), protection };
}

async function realPath(path: string): Promise<string> {
  const found = await realpath(path).catch(() => null);
  if (found !== null || dirname(path) === path) return found ?? path;
  return join(await realPath(dirname(path)), basename(path));
}

/** With a list of hosts, the backend that can keep to it comes first. */
function ordered({ network }: ChooseOptions): readonly SandboxBackend[] {
  if (typeof network === "boolean") return backends;
  return [...backends].sort(
    (one, other) => Number(other.name === "sandbox-runtime") - Number(one.name === "sandbox-runtime"),
  );
}

/** The error for a choice without a sandbox: what was tried, and what to do. */
export function noSandbox(can: Capability, { tried }: Choice): SandboxError {
  const what = can === "python" ? "Python files" : "shell commands";
  const reasons = tried.map(({ backend, problem }) => `${backend}: ${problem}`).join("; ");
  return new SandboxError(
    `${what} cannot be run here, because there is no sandbox for them (${reasons}). This is no problem of the file or ` +
      "the command: do not try again; the user can install bubblewrap or start Docker, or change SANDBOX.",
  );
}

async function openDocker({ path, image, workspace, network, dockerEnvironment }: ChooseOptions): Promise<Tried> {
  const program = await findProgram("docker", path);
  if (program === null) return fails("docker", "Docker is not installed");
  const environment = { PATH: path, ...dockerEnvironment };
  const engine = await ask(program, ["version", "--format", "{{.Server.Version}}"], environment);
  if (!engine.ok) return fails("docker", "Docker is not running");
  const found = await ask(program, ["image", "inspect", "--format", "{{.Id}}", image], environment);
  if (!found.ok) return fails("docker", `Docker is running, but has no image ${image} (docker pull ${image})`);
  return works(docker({ program, image, workspace, network: network === true, environment }));
}

async function openBubblewrap(options: ChooseOptions, can: Capability): Promise<Tried> {
  const { path, workspace, network } = options;
  const found = await findBubblewrap(path);
  if (!found.ok) return fails("bubblewrap", found.problem);
  const { program } = found;
  if (can === "python" && (await findProgram("python3", path, { below: ["/usr"] })) === null)
    return fails("bubblewrap", "there is no python3 in the system's folders; one in a home folder is not used");
  return works(
    bubblewrap({ program, workspace, network: network === true, emptyFile: await emptyFileIn(options.cache) }),
  );
}

/** A file with nothing in it; the one that every system has where ours cannot be made. */
export async function emptyFileIn(folder: string): Promise<string> {
  const file = join(folder, "empty");
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, "", { mode: 0o444 });
    return file;
  } catch {
    return "/dev/null";
  }
}

async function openSandboxRuntime(options: ChooseOptions, can: Capability): Promise<Tried> {
  const { path, workspace, forbidden, network } = options;
  const needed = can === "python" ? "python3" : "sh";
  if ((await findProgram(needed, path)) === null)
    return fails("sandbox-runtime", `there is no ${needed} on this machine`);
  const runtime = await findSandboxRuntime();
  if (typeof runtime === "string") return fails("sandbox-runtime", runtime);
  if (network === true) return fails("sandbox-runtime", "it opens the network to named hosts only");
  const hosts = network === false ? [] : network;
  return works(sandboxRuntime({ runtime, workspace, path, hidden: forbidden, hosts }));
}

async function openPyodide({ workspace, cache }: ChooseOptions): Promise<Tried> {
  const folder = await findPyodide();
  if (folder === null) return fails("pyodide", `the package pyodide is not there. ${howToAdd("python")}`);
  return works(pyodide({ folder, workspace, cache }));
}
