import { Worker } from "node:worker_threads";

/** Ends the process that it runs in once its parent is gone: on Unix it then has another one, on Windows none answers. */
const watch = `
const { workerData: parent } = require("node:worker_threads");
const isGone = () => {
  if (process.ppid !== parent) return true;
  try { process.kill(parent, 0); return false; } catch (error) { return error.code === "ESRCH"; }
};
setInterval(() => { if (isGone()) process.kill(process.pid, "SIGKILL"); }, 500);
`;

/**
 * Sees to it that this process does not outlive its parent, even where that was killed and this one computes without a
 * pause: a thread of its own looks every half second. It holds nothing up.
 */
export function endWithParent(): void {
  const worker = new Worker(watch, { eval: true, workerData: process.ppid, execArgv: [], env: {}, stdout: false });
  worker.unref();
  worker.on("error", () => undefined);
}
