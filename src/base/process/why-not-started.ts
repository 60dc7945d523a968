import { codeOf } from "../system-error.js";

/**
 * Why a program could not be started, as a sentence about it without its end: `it …` or `there is …`. Node throws some of these
 * failures when it is asked to start one, and tells the others by the event "error".
 */
export function whyNotStarted(thrown: unknown): string {
  const code = codeOf(thrown);
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return "there is no such program";
    case "EACCES":
      return "it is no program that may be run (chmod +x)";
    case "E2BIG":
      return "it cannot be started: an argument is longer than the system allows (128 KB on Linux), or all of them are";
    case "ERR_INVALID_ARG_VALUE":
      return "it cannot be started: a NUL character stands in its name, an argument or its environment";
    default:
      return `it cannot be started (${code ?? String(thrown)})`;
  }
}
