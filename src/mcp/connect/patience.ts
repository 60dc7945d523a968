/** How long a call may be silent: the time begins anew with each sign of life, and stands still while the user is asked. */
export interface Patience {
  /** Aborted when it is at an end. */
  readonly signal: AbortSignal;
  /** There was a sign of life. */
  again(): void;
  /** Stands still until the work has settled. */
  during<Result>(work: () => Promise<Result>): Promise<Result>;
  end(): void;
}

/** `ms`: of silence, in milliseconds. */
export function createPatience(ms: number): Patience {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let waits = 0;
  let hasEnded = false;
  const stop = (): void => clearTimeout(timer);
  const again = (): void => {
    stop();
    if (waits === 0 && !hasEnded) timer = setTimeout(() => controller.abort(), ms);
  };
  again();
  return {
    signal: controller.signal,
    again,
    async during(work) {
      waits += 1;
      stop();
      try {
        return await work();
      } finally {
        waits -= 1;
        again();
      }
    },
    end() {
      hasEnded = true;
      stop();
    },
  };
}
