import type { Ended, Running } from "./sandbox.js";

/** A program in the background. `ended` is null while it runs; `unread` gives what it has written since the last time. */
export type Job = {
  line: string;
  ended: Ended | null;
  unread(): { stdout: string; stderr: string };
  stop(): Promise<Ended>;
};

/** The background jobs of a run, by number from 1. All end with the run. */
export type Jobs = {
  add(line: string, running: Running): number;
  running(): number;
  /** How many were ever started. */
  started(): number;
  get(number: number): Job | undefined;
  close(): Promise<void>;
};

/** The most jobs that run at the same time. */
export const mostJobs = 8;

export function createJobs(): Jobs {
  const jobs = new Map<number, Job>();
  const open = (): Job[] => [...jobs.values()].filter(({ ended }) => ended === null);
  return {
    add(line, running) {
      const job: Job = { line, ended: null, unread: unreadOf(running), stop: () => running.stop() };
      void running.ended.then((ended) => (job.ended = ended));
      jobs.set(jobs.size + 1, job);
      return jobs.size;
    },
    get: (number) => jobs.get(number),
    running: () => open().length,
    started: () => jobs.size,
    close: async () => void (await Promise.all(open().map((job) => job.stop()))),
  };
}

/** The output since the last call; all of it where its middle has been left out since. */
function unreadOf(running: Running): Job["unread"] {
  let seenOut = "";
  let seenError = "";
  return () => {
    const { stdout, stderr } = running.output();
    const unread = { stdout: since(seenOut, stdout), stderr: since(seenError, stderr) };
    seenOut = stdout;
    seenError = stderr;
    return unread;
  };
}

const since = (seen: string, now: string): string => (now.startsWith(seen) ? now.slice(seen.length) : now);
