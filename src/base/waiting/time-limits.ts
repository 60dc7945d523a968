/** How long work may take that might go on for ever, as a pattern that backtracks does. */
export interface TimeLimits {
  /** The limit that holds, in milliseconds, where one of so many is usual. */
  of(usualMs: number): number;
  /** Is told that a limit was met: what came of the work depends on how fast the machine is. */
  met(): void;
}

/** Every limit as it usually is. */
export const usualTimeLimits: TimeLimits = { of: (usualMs) => usualMs, met: () => undefined };
