import type { RunStatus } from "../store/run-store.js";

/** How a run's own process names the program: as it was started there. */
const program = String.raw`(?:node (?:"[^"]*"|\S+)|(?:npx |pnpm exec )?autogpt)`;
const withHigher = new RegExp(`To go on, run "${program} --resume" with a higher (--[a-z-]+)\\.`, "g");
const withMoreTime = new RegExp(`${program} --resume --max-time goes on with more\\.`, "g");
const anyLine = new RegExp(String.raw`${program} --resume(?: \d{8}-\d{6}-\d{3}-[0-9a-f]{4})?`, "g");

/**
 * The status with a message that names what works for a run of a fleet: what its process says of `--resume` holds in its worker's folder,
 * which is gone. A status without such words is returned as it is.
 */
export function inFleetWords(status: RunStatus, run: string): RunStatus {
  const { message } = status;
  if (message === undefined) return status;
  const told = message
    .replace(withHigher, "A run of a fleet keeps its limits: put in another one with a higher $1.")
    .replace(withMoreTime, "A run of a fleet keeps its limits: put in another one with a higher --max-time.")
    .replace(anyLine, `autogpt fleet retry ${run}`);
  return told === message ? status : { ...status, message: told };
}
