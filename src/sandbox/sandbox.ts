import type { Guarded } from "../protection/guarded.js";
import type { Place } from "../protection/places.js";

/** What confines the code; `none`: nothing does. */
export type BackendName = "docker" | "bubblewrap" | "sandbox-runtime" | "pyodide" | "none";

/** What one program may use. Sizes are in bytes. */
export type ProgramLimits = {
  /** From the start of the program itself; null is as long as the run. */
  seconds: number | null;
  memory: number;
  processes: number;
  /** What it may add to the disk, in one file and in all. */
  disk: number;
  /** What is kept of each output stream; the middle of a longer one is left out. */
  output: number;
};

export type LaunchOptions = {
  limits: ProgramLimits;
  signal: AbortSignal;
  /** Hears what the program writes to both streams, as it comes. */
  onOutput?: (text: string) => void;
  /** What of the workspace the program sees and cannot change, or does not see. */
  places?: readonly Place[];
  /** By which it is told what it may not make anew. */
  guarded?: Guarded;
};

/** Why a program was ended before it ended itself. */
export type EndedBy = "time" | "memory" | "processes" | "disk" | "stopped";

/** How a program ended: with an exit code or by a signal. `timedOut` is `endedBy === "time"`. */
export type Ended = {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  endedBy: EndedBy | null;
  /** What it has made that only the user may make, by its path: it has been taken out of the workspace again. */
  takenBack?: readonly string[];
};

/** A program that has been started. */
export type Running = {
  /** Settles when nothing of the program is left. */
  ended: Promise<Ended>;
  /** What it has written so far. */
  output(): { stdout: string; stderr: string };
  /** Ends it and everything it started, politely and then for good. */
  stop(): Promise<Ended>;
};

export type Capability = "python" | "shell";

/** Runs programs with the workspace as their current folder, confined or not. */
export interface Sandbox {
  readonly backend: BackendName;
  /** False where the program can do whatever the user can. */
  readonly confined: boolean;
  /** Whether the program reaches no network at all, so that nothing can be fetched or installed. */
  readonly offline: boolean;
  /**
   * Starts a program: `python3 FILE` with FILE relative to the workspace, or `sh -c LINE`. No standard input. Throws
   * SandboxError where it cannot be started.
   */
  start(argv: readonly string[], options: LaunchOptions): Promise<Running>;
  /** Ends whatever it keeps ready for the next program. */
  close?(): Promise<void>;
}

/** No sandbox can run the code, or it cannot be started; the message says why and what to do. */
export class SandboxError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SandboxError";
  }
}
