import { isUtf8 } from "node:buffer";
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { endGroup } from "../base/process/end-group.js";
import { guard } from "../base/process/guard.js";
import { whyNotStarted } from "../base/process/why-not-started.js";
import { firstEvent } from "../base/waiting/first-event.js";
import { onAbort, setTimer } from "../base/abort.js";
import { cleanText, firstCharacters } from "../base/text.js";
import { codeOf } from "../base/system-error.js";
import { digestOf } from "./find-hook.js";
import type { Hook } from "./hook.js";

/** What a hook wrote to standard output; or what went wrong, as half a sentence. `isOther`: it is not what the user trusts. */
export type HookOutput = { ok: true; text: string } | { ok: false; problem: string; isOther?: true };

const mostBytes = 1 << 20;
const shownCharacters = 500;

/**
 * Runs a hook once, with this text on its standard input, in a process group of its own, which is ended when its time is up, when it
 * writes too much, or when the signal is aborted. Never rejects.
 */
export async function runHook(hook: Hook, input: string, signal: AbortSignal): Promise<HookOutput> {
  const { program, timeoutMs, line } = hook;
  if (program === null) return { ok: false, problem: `there is no program ${line.split(" ")[0]}` };
  if ((await digestOf(hook)) !== hook.digest)
    return { ok: false, problem: "it was changed since the run began, so it was not run", isOther: true };
  const child = started(hook, program);
  if ("problem" in child) return { ok: false, ...child };
  const output = { bytes: [] as Buffer[], size: 0, said: "" };
  let endedBy: string | null = null;
  const end = (why: string): void => {
    endedBy ??= why;
    endGroup(child);
  };
  child.stdout.on("data", (chunk: Buffer) => {
    output.size += chunk.length;
    if (output.size > mostBytes) end("it wrote more than 1 MB");
    else output.bytes.push(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => void (output.said = (output.said + chunk.toString()).slice(-4000)));
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on("error", () => undefined);
  const release = [
    endedWithUs(child),
    setTimer(() => end(`it did not end within ${timeoutMs / 1000} s`), timeoutMs),
    onAbort(signal, () => end("the run was stopped")),
  ];
  // A program that waits for what it is told does nothing before it is seen to that it ends with us.
  child.stdin.end(`${input}\n`);
  try {
    const problem = await ended(child, hook);
    if (endedBy ?? problem) return { ok: false, problem: (endedBy ?? problem) + saying(output.said) };
    const bytes = Buffer.concat(output.bytes);
    if (!isUtf8(bytes)) return { ok: false, problem: "its answer is not in UTF-8" };
    return { ok: true, text: new TextDecoder().decode(bytes) };
  } finally {
    release.forEach((call) => call());
    // What it has left behind in its group would go on under nobody's eyes.
    endGroup(child);
    for (const stream of [child.stdout, child.stderr]) stream.destroy();
  }
}

function started(hook: Hook, program: string): ChildProcessWithoutNullStreams | { problem: string } {
  const { args, env, folder } = hook;
  try {
    return spawn(program, [...args], {
      ...{ cwd: folder, env, windowsHide: true, detached: process.platform !== "win32" },
      stdio: ["pipe", "pipe", "pipe"],
    });
  } catch (thrown) {
    return { problem: problemOf(thrown, hook) };
  }
}

/** Sees to it that it ends where this process is killed: it would go on beside the run that goes on with this one's journal. */
const endedWithUs = ({ pid }: ChildProcess): (() => void) =>
  (pid === undefined ? null : guard(["kill", "-s", "KILL", "--", `-${pid}`])) ?? nothing;

/** A script is there, and what its first line names is not: the system says the same of both. */
const problemOf = (thrown: unknown, { program, files }: Hook): string =>
  codeOf(thrown) === "ENOENT" && files.some((file) => basename(file) === basename(program ?? ""))
    ? "it cannot be started: the program in its first line (#!) is not there"
    : whyNotStarted(thrown);

/** Resolves once the program has ended and its output is read: to what went wrong, or null. */
async function ended(child: ChildProcess, hook: Hook): Promise<string | null> {
  try {
    const [code, by] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    // Something in the background may hold the streams open.
    await firstEvent(child, { close: nothing }, { ms: drainMs, late: nothing });
    return code === 0 ? null : `it ended with ${by ?? `exit code ${code}`}`;
  } catch (thrown) {
    return problemOf(thrown, hook);
  }
}

const drainMs = 200;

const nothing = (): void => undefined;

const saying = (said: string): string => {
  const text = cleanText(said).trim();
  return text === "" ? "" : `. It said: ${firstCharacters(text, shownCharacters)}`;
};
