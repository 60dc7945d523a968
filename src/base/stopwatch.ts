/** A clock that measures how long something takes, in milliseconds: never set, and without meaning in itself. */
export const monotonicMs = (): number => performance.now();

/** How long it is, in whole milliseconds, since this was called, and `earlierMs` more. */
export function startStopwatch(earlierMs = 0): () => number {
  const start = monotonicMs();
  return () => Math.round(earlierMs + monotonicMs() - start);
}
