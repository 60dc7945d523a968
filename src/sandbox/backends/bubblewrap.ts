import { lstat, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Place } from "../../protection/places.js";
import { placesOf } from "../guard-places.js";
import { plainEnvironment, limitedCommand } from "../process/confined-command.js";
import { makeControlGroup } from "../process/control-group.js";
import { stripOwnerMarks } from "../process/owner-marks.js";
import { startGroup } from "../process/process-group.js";
import { SandboxError, type LaunchOptions, type ProgramLimits, type Running, type Sandbox } from "../sandbox.js";

export type BubblewrapOptions = {
  program: string;
  workspace: string;
  network: boolean;
  /** A file of ours without anything in it, which stands where a file is hidden. */
  emptyFile?: string;
};

/** The path of the workspace inside the sandbox. */
const inside = "/workspace";
const path = "/usr/local/bin:/usr/bin:/bin";
const nobody = 65_534;

/** Files outside /usr that programs need to start: none with passwords, keys or the machine's name. */
const systemFiles = ["/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"];
const networkFiles = [
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/nsswitch.conf",
  "/etc/ssl/certs",
  "/etc/ssl/openssl.cnf",
  "/etc/ca-certificates",
  "/etc/pki/tls",
  "/etc/pki/ca-trust",
];

/** Linux namespaces, through bubblewrap: inside, only /usr and the workspace exist. */
export function bubblewrap({ program, workspace, network, emptyFile = "/dev/null" }: BubblewrapOptions): Sandbox {
  return {
    backend: "bubblewrap",
    confined: true,
    offline: !network,
    async start(argv, options) {
      const confined = [program, ...(await confinement(workspace, network, options, emptyFile)), "--"];
      return startInGroup(
        [...confined, ...limitedCommand(argv, options.limits, { ownUser: true })],
        workspace,
        options,
      );
    },
  };
}

async function startInGroup(argv: string[], workspace: string, options: LaunchOptions): Promise<Running> {
  const asRoot = process.getuid?.() === 0;
  const group = await makeControlGroup(options.limits);
  if (asRoot && group === null) {
    throw new SandboxError(
      "autogpt runs as root, and this system does not let it limit how many processes code may start (pids.max). " +
        "Start autogpt as an ordinary user.",
    );
  }
  const [command = "", ...args] = group ? group.entering(argv) : argv;
  return startGroup({
    ...options,
    command,
    args,
    environment: { PATH: "/usr/bin:/bin" },
    cwd: "/",
    workspace,
    contained: true,
    lackedMemory: () => group?.lackedMemory(),
    async after() {
      await group?.close();
      if (asRoot) await stripOwnerMarks(workspace);
    },
  });
}

async function confinement(
  workspace: string,
  network: boolean,
  options: LaunchOptions,
  emptyFile: string,
): Promise<string[]> {
  const variables = Object.entries({ PATH: path, ...plainEnvironment("/tmp") });
  const flags: string[][] = [
    ["--clearenv"],
    ...variables.map(([name, value]) => ["--setenv", name, value]),
    await bareSystem(network, options.limits),
    ["--bind", workspace, inside],
    ...placesOf(options).map((place) => mountOf(place, workspace, { at: inside, emptyFile })),
    closedSystem,
    ["--chdir", inside],
  ];
  return flags.flat();
}

/** Flags for namespaces of its own, in which nothing but /usr exists, and an empty /tmp. */
export async function bareSystem(network: boolean, limits: Pick<ProgramLimits, "memory">): Promise<string[]> {
  const files = [...systemFiles, ...(network ? networkFiles : [])];
  const flags: string[][] = [
    ["--unshare-user"],
    ["--disable-userns"],
    ["--unshare-ipc"],
    ["--unshare-pid"],
    ["--unshare-uts"],
    ["--unshare-cgroup-try"],
    network ? [] : ["--unshare-net"],
    ["--die-with-parent"],
    ["--new-session"],
    ["--hostname", "sandbox"],
    process.getuid?.() === 0 ? ["--uid", String(nobody), "--gid", String(nobody)] : [],
    ["--ro-bind", "/usr", "/usr"],
    await rootEntries(),
    ...files.map((file) => ["--ro-bind-try", file, file]),
    ["--proc", "/proc"],
    ["--dev", "/dev"],
    // What is in them is in RAM, too, and counts with the rest; here it only ends before the memory of the machine does.
    ["--size", String(Math.ceil(limits.memory / 2)), "--tmpfs", "/dev/shm"],
    ["--size", String(Math.ceil(limits.memory / 2)), "--tmpfs", "/tmp"],
  ];
  return flags.flat();
}

/** Flags behind all mounts: nothing else can be made. */
export const closedSystem = ["/proc", "/dev", "/"].flatMap((folder) => ["--remount-ro", folder]);

/** What is hidden is covered by something empty, what can only be read by itself. */
export function mountOf(
  { path, access, kind }: Place,
  workspace: string,
  { at, emptyFile }: { at: string; emptyFile: string },
): string[] {
  const covered = `${at}/${path}`;
  if (access === "read-only") return ["--ro-bind", join(workspace, path), covered];
  return kind === "folder" ? ["--tmpfs", covered, "--remount-ro", covered] : ["--ro-bind", emptyFile, covered];
}

/** /bin, /lib and their like: links into /usr on newer systems, folders of their own on older ones. */
async function rootEntries(): Promise<string[]> {
  const entries: string[] = [];
  for (const path of ["/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32"]) {
    const facts = await lstat(path).catch(() => null);
    if (facts?.isSymbolicLink()) entries.push("--symlink", await readlink(path), path);
    else if (facts?.isDirectory()) entries.push("--ro-bind", path, path);
  }
  return entries;
}
