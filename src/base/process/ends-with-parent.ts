/**
 * Calls `end`, once, when the program that has started this process is gone, even by a kill: their channel tells. It does so at once
 * where that is gone already. Where there never was a channel, nothing is watched.
 */
export function endWithParent(end: () => void): void {
  // Undefined without a channel; null behind one that has been closed.
  if (process.channel === undefined) return;
  if (!process.connected) return end();
  process.once("disconnect", end);
  // Listening alone would keep the process.
  process.channel?.unref();
}
