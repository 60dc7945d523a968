import type { Job } from "../../sandbox/jobs.js";
import type { ProgramLimits } from "../../sandbox/sandbox.js";
import type { CodeContext } from "./code-context.js";
import { whyEnded } from "./run-text.js";

export function jobOf({ jobs }: CodeContext, number: number): Job {
  const job = jobs.get(number);
  if (job === undefined) throw new Error(`There is no job ${number} in this run.`);
  return job;
}

/** How a job is, in a sentence. */
export function stateOf(number: number, { ended }: Job, limits: ProgramLimits): string {
  if (ended === null) return `Job ${number} is running.`;
  return `Job ${number} has ended: ${whyEnded(ended, limits) ?? `exit code ${ended.exitCode}`}.`;
}
