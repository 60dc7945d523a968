import { endsWithParent } from "./started-by-run.js";

/**
 * Calls `end`, once, when the program that has started this process is gone, even by a kill: their channel tells. It does so at once
 * where that is gone already. Nothing is watched where there never was a channel, or the parent did not ask for it.
 */
export function endWithParent(end: () => void): void {
  // Undefined without a channel; null behind one that has been closed.
  if (process.channel === undefined || process.env[endsWithParent] === undefined) return;
  if (!process.connected) return end();
  process.once("disconnect", end);
  // Listening alone would keep the process.
  process.channel?.unref();
}
