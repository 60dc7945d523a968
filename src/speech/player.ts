import { spawn } from "node:child_process";
import { onAbort } from "../base/abort.js";
import { findProgram } from "../base/find-program.js";

/** Where programs are looked for, and what of the environment they get to see. */
export type ProgramEnvironment = { environment: Readonly<Record<string, string>>; platform: NodeJS.Platform };

/** The full path of a program on the search path of this environment, or null. */
export function findInEnvironment(name: string, { environment, platform }: ProgramEnvironment): Promise<string | null> {
  // Windows writes it as "Path".
  const path = Object.entries(environment).find(([variable]) => variable.toUpperCase() === "PATH")?.[1] ?? "";
  return findProgram(name, path, { platform });
}

export type Play = { program: string; args: readonly string[]; input?: string; signal: AbortSignal };

/** A player that hangs is ended after this time; no utterance takes as long. */
const longestMs = 5 * 60_000;

/**
 * Runs a program with these arguments, never through a shell, and resolves when it has ended. Rejects where it cannot be
 * started or fails; ends it when the signal is aborted, and then resolves.
 */
export function play({ program, args, input, signal }: Play, programs: ProgramEnvironment): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return resolve();
    const child = spawn(program, args, {
      env: programs.environment,
      stdio: ["pipe", "ignore", "ignore"],
      shell: false,
      windowsHide: true,
    });
    const stop = (): void => void child.kill("SIGKILL");
    const timer = setTimeout(stop, longestMs);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      stopListening();
      settle();
    };
    const stopListening = onAbort(signal, stop);
    child.on("error", (error) => end(() => reject(error)));
    child.on("exit", (code) =>
      end(() => (code === 0 || signal.aborted ? resolve() : reject(new EndedBadly(program, code)))),
    );
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
  });
}

class EndedBadly extends Error {
  constructor(program: string, code: number | null) {
    super(`${program} ended with ${code === null ? "a signal" : `code ${code}`}`);
    this.name = "EndedBadly";
  }
}
