import { plainOutput } from "../../sandbox/plain-output.js";
import type { Job } from "../../sandbox/jobs.js";
import type { EndedBy, Ended, ProgramLimits } from "../../sandbox/sandbox.js";
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
  `STDOUT:\n${plainOutput(stdout)}\nSTDERR:\n${plainOutput(stderr)}`;

/** A background job of this run by its number. Throws an error for the model where there is none. */
export function jobOf({ jobs }: CodeContext, number: number): Job {
  const job = jobs.get(number);
  if (job === undefined) throw new Error(`There is no job ${number} in this run.`);
  return job;
}

/** Whether a job still runs, or how it ended, as a sentence. */
export function stateOf(number: number, { ended }: Job, limits: ProgramLimits): string {
  if (ended === null) return `Job ${number} is running.`;
  return `Job ${number} has ended: ${whyEnded(ended, limits) ?? `exit code ${ended.exitCode}`}.${takenNote(ended)}`;
}

/** What the model is told of what was taken out of the workspace again; nothing where nothing was. */
export const takenNote = ({ takenBack = [] }: Ended): string =>
  takenBack.length === 0
    ? ""
    : `\n[Taken out of the workspace again: ${takenBack.map((path) => JSON.stringify(path)).join(", ")}. Tools of the user ` +
      "run or obey such files by themselves, so only the user makes them; .autogpt/taken-back keeps them. Do without.]";
