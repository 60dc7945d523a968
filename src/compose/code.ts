import { realpathSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, basename, delimiter, isAbsolute, resolve } from "node:path";
import { findProgram } from "../base/find-program.js";
import { ownProgramFiles } from "../base/process/own-program.js";
import { shellQuoted } from "../base/text.js";
import type { CodeContext } from "../commands/code/code-context.js";
import { whyEnded } from "../commands/code/outcome-text.js";
import type { ShellRules } from "../commands/code/shell/rules.js";
import { messageOf } from "../errors.js";
import type { RunShell } from "../goals/check.js";
import type { ChooseOptions } from "../sandbox/choose.js";
import { folderFacts } from "../sandbox/folder-facts.js";
import { createJobs } from "../sandbox/jobs.js";
import type { Capability, LaunchOptions, ProgramLimits } from "../sandbox/sandbox.js";
import { plainOutput } from "../sandbox/plain-output.js";
import { runLine } from "../sandbox/shell-command.js";
import { createSandboxes, type Sandboxes } from "../sandbox/sandboxes.js";
import { bareEnvironment, dockerEnvironment } from "../settings/environment/bare-environment.js";
import type { Settings } from "../settings/schema.js";
import { bytesOf } from "../settings/value-types.js";
import { isWithin } from "../protection/guarded.js";
import { protectionWith, type FixedPlaces, type Protection } from "../protection/protection.js";
import type { ProtectionRule } from "../protection/rule.js";
import { openWorkspace, type Workspace } from "../workspace/workspace.js";

/** Files that settings are read from, our own state, and our own code: no command may touch them, wherever the workspace lies. */
export const ownFiles = (
  settings: Settings,
  folder: string,
  protect: readonly ProtectionRule[] = [],
  fixed?: FixedPlaces,
): OwnFiles => ({
  forbidden: [
    settings.home,
    settings.aiSettingsFile,
    settings.azureConfigFile,
    ...(settings.modelCatalog === undefined ? [] : [settings.modelCatalog]),
    ...[".env", "azure.yaml"].map((name) => join(folder, name)),
  ],
  program: ownProgramFiles(),
  protection: protectionWith(protect, fixed),
});

/** The workspace of a run; temporary files are kept outside it, in the run's own folder. */
export const workspaceOf = (root: string, own: OwnFiles, temporary: string): Promise<Workspace> =>
  openWorkspace({ root, ...own, temporaryDirectory: temporary, ripgrep: () => findProgram("rg", searchPath()) });

/** Everything that runs code, for one run. */
export type Code = {
  context: CodeContext;
  /** Carries out the checks that run a command; none takes longer than `atMost` seconds, where that is given. */
  runShell(signal: AbortSignal, atMost?: number): RunShell;
  /** Why checks that run a command cannot be carried out; null where they can. */
  problemWithChecks(): Promise<string | null>;
  /** Ends the background jobs, so that nothing changes under a check. */
  endJobs(): Promise<void>;
  /** Ends background jobs and what else stands ready. */
  close(): Promise<void>;
  /** Which of Python and shell may run here: confined, or with a question before each call. */
  runnable(continuous: boolean): Promise<Capability[]>;
};

/** What belongs to the program itself, as a workspace takes it. */
export type OwnFiles = {
  forbidden: readonly string[];
  program: readonly string[];
  protection: Protection;
};

/** How many seconds a check may take after Ctrl-C. */
const hurry = 10;

/** Settings → what a sandbox is chosen by. `doctor` can hand this to `describeSandbox`. */
export const sandboxOptions = (settings: Settings, workspace: string, own: OwnFiles): ChooseOptions => ({
  wanted: settings.sandbox,
  workspace,
  ...own,
  network: networkOf(settings.sandboxNetwork),
  image: settings.pythonImage,
  cache: join(settings.home, "cache"),
  takenFolder: join(settings.home, "taken-back"),
  path: outside(searchPath(), workspace),
  dockerEnvironment: dockerEnvironment(),
});

/** `isTainted`: whether the run has read text of others. Then checks, which run what it wrote since, have no network either. */
export function createCode(
  settings: Settings,
  workspace: string,
  own: OwnFiles,
  isTainted: () => boolean = () => false,
): Code {
  const sandboxes = createSandboxes(sandboxOptions(settings, workspace, own));
  const limits = programLimitsOf(settings);
  const jobs = createJobs();
  return {
    context: {
      sandboxes,
      limits,
      shell: settings.executeLocalCommands ? shellRules(settings, workspace) : null,
      jobs,
      printOfWorkspace: async () => (await folderFacts(workspace)).print,
    },
    runShell: (signal, atMost) => (line, given) => {
      const wanted = given || limits.seconds;
      const seconds = atMost === undefined ? wanted : Math.min(wanted ?? atMost, atMost);
      return runCheckIn(sandboxes, line, { ...launchOf({ ...limits, seconds }, signal), cutOff: isTainted() });
    },
    problemWithChecks: () => problemWithChecks(sandboxes, settings),
    endJobs: () => jobs.close(),
    async close() {
      await jobs.close();
      await sandboxes.close();
    },
    runnable: (continuous) => runnable(sandboxes, settings, continuous),
  };
}

const networkOf = (written: string): boolean | string[] => {
  if (/^(off|false)$/.test(written)) return false;
  return /^(on|true)$/.test(written) || written.split(",").map((host) => host.trim());
};

/** Where programs are looked for: never in the current folder, whatever PATH says. */
const searchPath = (): string => (bareEnvironment()["PATH"] ?? "").split(delimiter).filter(isAbsolute).join(delimiter);

/** The folders of a search path that commands cannot write programs into. */
const outside = (path: string, workspace: string): string =>
  path
    .split(delimiter)
    .filter((folder) => !isWithin(workspace, realPathOf(folder)))
    .join(delimiter);

function realPathOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}

const programLimitsOf = (settings: Settings): ProgramLimits => ({
  seconds: settings.executionTimeout,
  memory: bytesOf(settings.sandboxMemoryLimit),
  disk: bytesOf(settings.sandboxDiskLimit),
  processes: settings.sandboxProcessLimit,
  output: bytesOf(settings.sandboxOutputLimit),
});

const builtInDenylist = ["sudo", "su"];

function shellRules({ shellCommandControl, shellAllowlist, shellDenylist }: Settings, workspace: string): ShellRules {
  const control = shellCommandControl ?? (shellAllowlist ? "allowlist" : "denylist");
  return {
    control,
    names: (control === "allowlist" ? shellAllowlist : (shellDenylist ?? builtInDenylist)) ?? [],
    builtIn: shellCommandControl === undefined && shellDenylist === undefined && control === "denylist",
    async namesOf(program) {
      const file = program.includes("/") ? resolve(workspace, program) : await findProgram(program, searchPath());
      const real = file === null ? null : await realpath(file).catch(() => null);
      return real === null ? [] : [basename(real)];
    },
  };
}

/** Ctrl-C stops the check that is running; those that judge the run after it hurry. */
const launchOf = (limits: ProgramLimits, signal: AbortSignal): LaunchOptions =>
  signal.aborted
    ? { limits: { ...limits, seconds: Math.min(limits.seconds ?? hurry, hurry) }, signal: new AbortController().signal }
    : { limits, signal };

/**
 * Programs that take code from the folder that they run in, before their own: a json.py that the AI wrote would answer
 * for Python's, an .Rprofile would run before the script. A check that wants it so says so itself (PYTHONPATH=.).
 */
const ownCodeFirst = {
  PYTHONSAFEPATH: "1",
  PYTHONNOUSERSITE: "1",
  // What is compiled beforehand is looked for there, and nowhere in the workspace.
  PYTHONPYCACHEPREFIX: "/nonexistent",
  PERL_USE_UNSAFE_INC: "0",
  R_PROFILE_USER: "/dev/null",
  R_ENVIRON_USER: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_COUNT: "2",
  GIT_CONFIG_KEY_0: "core.hooksPath",
  GIT_CONFIG_VALUE_0: "/dev/null",
  GIT_CONFIG_KEY_1: "core.fsmonitor",
  GIT_CONFIG_VALUE_1: "false",
};

/** A shell that sets these, and then becomes the one that runs the line. */
const shellFor = (line: string, variables: Readonly<Record<string, string>>): string[] => {
  const settings = Object.entries(variables).map(([name, value]) => `${name}=${shellQuoted(value)}`);
  return ["/bin/sh", "-c", `export ${settings.join(" ")}; ${runLine}`, "sh", line];
};

/** A check that cannot be carried out has failed. The lists of commands do not hold for it: the user wrote it. */
async function runCheckIn(
  sandboxes: Sandboxes,
  line: string,
  { cutOff, ...launch }: LaunchOptions & { cutOff: boolean },
): ReturnType<RunShell> {
  let home: string | null = null;
  try {
    const sandbox = await (cutOff ? sandboxes.offline() : sandboxes).open("shell");
    // Where nothing is confined, home is the workspace, and what the AI puts there (.gitconfig, .jq) would change programs.
    if (!sandbox.confined) home = await mkdtemp(join(tmpdir(), "autogpt-check-"));
    const variables = { ...ownCodeFirst, ...(home !== null && { HOME: home }) };
    const running = await sandbox.start(shellFor(line, variables), launch);
    const ended = await running.ended;
    return {
      exitCode: ended.exitCode,
      output: plainOutput(ended.stdout + ended.stderr),
      problem: whyEnded(ended, launch.limits),
      ...(cutOff && sandbox.offline && sandboxes.network !== "nothing" && { cutOff: true }),
    };
  } catch (thrown) {
    return { exitCode: null, output: "", problem: messageOf(thrown) };
  } finally {
    if (home !== null) await rm(home, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function problemWithChecks(sandboxes: Sandboxes, settings: Settings): Promise<string | null> {
  const { sandbox, tried } = await sandboxes.choice("shell");
  const reasons = tried.map(({ backend, problem }) => `${backend}: ${problem}`).join("; ");
  if (sandbox === null) return `there is no sandbox for it (${reasons})`;
  if (sandbox.confined || settings.allowUnsandboxedShell) return null;
  return `nothing would confine it (${reasons || "SANDBOX=none"}), and ALLOW_UNSANDBOXED_SHELL is not set`;
}

async function runnable(sandboxes: Sandboxes, settings: Settings, continuous: boolean): Promise<Capability[]> {
  const allowed = async (can: Capability): Promise<boolean> => {
    const { sandbox } = await sandboxes.choice(can);
    return sandbox !== null && (sandbox.confined || !continuous || settings.allowUnsandboxedShell);
  };
  const shell = settings.executeLocalCommands && (await allowed("shell"));
  // The sandbox for Python is looked for when it is needed: there nearly always is one.
  const python = settings.sandbox === "auto" || (await allowed("python"));
  return [...(shell ? ["shell" as const] : []), ...(python ? ["python" as const] : [])];
}
