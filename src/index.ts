/** Runs an agent from a program; nothing of it is promised yet, and the package does not export it. */
export { run, type RunOptions } from "./api/run.js";
