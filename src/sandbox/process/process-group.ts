import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { StringDecoder } from "node:string_decoder";
import { listenForBeginning, type Announcement } from "./announcement.js";
import { endTree, exited, killTree } from "./ending.js";
import { keepOutput } from "./output.js";
import { SandboxError, type Ended, type EndedBy, type LaunchOptions, type Running } from "../sandbox.js";
import { watch } from "./watch.js";
import { longestTimer, onAbort } from "../../base/abort.js";
import { guard } from "../../base/process/guard.js";
import { whyNotStarted } from "../../base/process/why-not-started.js";
import { codeOf } from "../../base/system-error.js";
import { firstEvent } from "../../base/waiting/first-event.js";

export type GroupOptions = LaunchOptions & {
  command: string;
  args: readonly string[];
  /** Everything that the process gets to know of the environment. */
  environment: Readonly<Record<string, string>>;
  cwd: string;
  workspace: string;
  /** An entry of the environment by which processes that the program started are found again. */
  marker?: string;
  /** The process prepares first, and says when the program itself begins. Without it, that is at once. */
  announcement?: Announcement;
  /** Its process ends with ours and takes everything along that it started, so that none of it has to be looked for. */
  contained?: true;
  /** A command that ends the program when this process dies; unless told, one that kills the group. */
  lastWill?(pid: number): readonly string[];
  /** Ends what the process group does not hold, such as a container. */
  end?(): Promise<void>;
  /** Whether the kernel has ended a part of it for want of memory; asked before `after`. */
  lackedMemory?(): Promise<boolean> | undefined;
  /** Is called when the program and everything it started have ended. */
  after?(): Promise<void>;
};

/** How long output may still come from a program that has ended. */
const drainMs = 500;

/** Starts a process that leads a group of its own, under limits of time, memory, processes, disk and output. */
export async function startGroup(options: GroupOptions): Promise<Running> {
  const { limits, signal, announcement, workspace } = options;
  const child = await spawnGroup(options);
  const pid = child.pid as number;
  const stdout = keepOutput(limits.output);
  const stderr = keepOutput(limits.output);
  const dismiss = options.contained ? null : guard(options.lastWill?.(pid) ?? ["kill", "-s", "KILL", "--", `-${pid}`]);
  const ending = endOnce(child, options);

  const stopWatching = watch({ pid, workspace, limits }, (by) => void ending.begin(by));
  const timer = startTimer(limits.seconds, announcement, () => void ending.begin("time"));
  child.stdout?.on("data", both(stdout.add, options.onOutput));
  const heardError = both(stderr.add, options.onOutput);
  if (announcement) listenForBeginning(child, announcement.line, heardError, timer.begin);
  else child.stderr?.on("data", heardError);
  const stopListening = onAbort(signal, () => void ending.begin("stopped"));

  const output = (more = true): { stdout: string; stderr: string } => ({
    stdout: stdout.text(more),
    stderr: stderr.text(more),
  });
  const ended = (async (): Promise<Ended> => {
    await exited(child);
    timer.clear();
    stopWatching();
    stopListening();
    const began = await ending.completed();
    await drained(child);
    dismiss?.();
    const failed = child.exitCode !== 0;
    const endedBy = began ?? (failed && (await options.lackedMemory?.()) ? "memory" : null);
    await options.after?.();
    return {
      exitCode: child.exitCode,
      signal: child.signalCode,
      ...output(false),
      timedOut: endedBy === "time",
      endedBy,
    };
  })();
  return { ended, output: () => output(), stop: async () => (await ending.begin("stopped"), ended) };
}

/** Keeps what comes, and tells it as text. */
function both(add: (chunk: Buffer) => void, onOutput: LaunchOptions["onOutput"]): (chunk: Buffer) => void {
  if (onOutput === undefined) return add;
  const decoder = new StringDecoder("utf8");
  return (chunk) => {
    add(chunk);
    onOutput(decoder.write(chunk));
  };
}

async function spawnGroup(options: GroupOptions): Promise<ChildProcess> {
  const { command, args, environment, cwd, announcement } = options;
  try {
    const child = spawn(command, args, {
      cwd,
      env: environment,
      detached: true,
      windowsHide: true,
      stdio: ["ignore", "pipe", "pipe", announcement?.line === null ? "pipe" : "ignore"],
    });
    await once(child, "spawn");
    child.on("error", () => undefined);
    return child;
  } catch (thrown) {
    await options.after?.();
    const advice = codeOf(thrown) === "E2BIG" ? ". Write long texts into a file and name that" : "";
    throw new SandboxError(`${command}: ${whyNotStarted(thrown)}${advice}.`, { cause: thrown });
  }
}

/** `begin` ends the program, for the first reason given; `completed` kills what is left and resolves to that reason. */
function endOnce(child: ChildProcess, { end, marker, contained }: GroupOptions) {
  const state: { by: EndedBy | null; done: Promise<unknown> | null } = { by: null, done: null };
  return {
    async begin(by: EndedBy): Promise<void> {
      state.by ??= by;
      state.done ??= Promise.all([end?.(), endTree(child, marker ?? null)]);
      await state.done;
    },
    async completed(): Promise<EndedBy | null> {
      if (state.done) await state.done;
      else if (!contained) await killTree(child.pid as number, marker ?? null);
      return state.by;
    },
  };
}

/** Time counts from the start of the program itself; preparing has a limit of its own. */
function startTimer(seconds: number | null, announcement: Announcement | undefined, expired: () => void) {
  let timer: NodeJS.Timeout | undefined;
  const wait = (limit: number | null): void => {
    clearTimeout(timer);
    if (limit !== null) timer = setTimeout(expired, Math.min(limit * 1000, longestTimer));
  };
  wait(announcement ? announcement.seconds : seconds);
  return { begin: () => wait(seconds), clear: () => clearTimeout(timer) };
}

/** Waits for the rest of the output, for a while only: a process that escaped may hold the streams open for ever. */
async function drained(child: ChildProcess): Promise<void> {
  const both = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const open = both.filter((stream) => !stream.closed);
  const done = (): void => undefined;
  await Promise.all(open.map((stream) => firstEvent(stream, { close: done }, { ms: drainMs, late: done })));
  for (const stream of child.stdio) stream?.destroy();
}
