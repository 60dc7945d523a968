import type { CommandResult } from "../../history/event-parts.js";
import type { EndedBy, Ended, ProgramLimits, Sandbox } from "../../sandbox/sandbox.js";
import type { CodeContext } from "./code-context.js";

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`;

const reasons: Record<EndedBy, (limits: ProgramLimits) => string> = {
  time: ({ seconds }) => `it was still running after ${seconds} seconds and was ended`,
  memory: ({ memory }) => `it was ended because it used more than ${megabytes(memory)} of memory`,
  processes: ({ processes }) => `it was ended because it started more than ${processes} processes`,
  disk: ({ disk }) => `it was ended because it added more than ${megabytes(disk)} to the disk`,
  stopped: () => "it was stopped",
};

/** Why a program did not end by itself, as half a sentence; null where it did. */
export function whyEnded({ endedBy, signal }: Ended, limits: ProgramLimits): string | null {
  if (endedBy !== null) return reasons[endedBy](limits);
  return signal === null ? null : `it was ended by the signal ${signal}`;
}

/** Both streams, as the original had them. */
export const streamsOf = ({ stdout, stderr }: { stdout: string; stderr: string }): string =>
  `STDOUT:\n${stdout}\nSTDERR:\n${stderr}`;

/** Runs a program to its end, and notes who confined it and whether something in the workspace is different now. */
export async function runInside(
  code: CodeContext,
  sandbox: Sandbox,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<{ ended: Ended; facts: Pick<CommandResult, "sandbox" | "changed"> }> {
  const before = await code.printOfWorkspace();
  const running = await sandbox.start(argv, { limits: code.limits, signal });
  const ended = await running.ended;
  const changed = (await code.printOfWorkspace()) !== before;
  return { ended, facts: { sandbox: sandbox.backend, changed } };
}
