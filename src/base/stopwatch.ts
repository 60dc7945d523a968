/** A clock that measures how long something takes, in whole milliseconds: never set, and without meaning in itself. */
export const monotonicMs = (): number => Math.floor(performance.now());

/** How long it is, in milliseconds, since this was called, and `earlierMs` more. */
export function startStopwatch(earlierMs = 0): () => number {
  const start = monotonicMs();
  return () => earlierMs + monotonicMs() - start;
}
