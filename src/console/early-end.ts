/** What hears of an end that nobody decided. */
export type EarlyEnd = {
  /** Tells what is going on, so that a message can name what was waited for. */
  heard(what: string): void;
  /** An end is known: from now on an empty event loop is all right. */
  release(): void;
};

/**
 * Watches for an end that nobody decided: the event loop is empty although something is still waited for, which can
 * never come. `stop` is called first, with what was heard last, and may bring the program to a proper end; where that
 * fails too, `giveUp` is.
 */
export function onEarlyEnd(stop: (last: string) => void, giveUp: (last: string) => void): EarlyEnd {
  let last = "the start of the program";
  let isStopped = false;
  const notice = (): void => {
    if (isStopped) return giveUp(last);
    isStopped = true;
    stop(last);
    // The event is sent again only where something was done in between.
    setImmediate(() => undefined);
  };
  process.on("beforeExit", notice);
  return {
    heard: (what) => void (last = what),
    release: () => void process.off("beforeExit", notice),
  };
}
