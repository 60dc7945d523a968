/**
 * A clock that measures how long something takes, in whole milliseconds: never set, and without meaning in itself. For the global
 * `performance` Node would load a module that nothing else needs.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + Math.floor(nanoseconds / 1e6);
}

/** How long it is, in milliseconds, since this was called, and `earlierMs` more. */
export function startStopwatch(earlierMs = 0): () => number {
  const start = monotonicMs();
  return () => earlierMs + monotonicMs() - start;
}
