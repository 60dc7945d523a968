import type { JournalEvent } from "../history/events.js";

/** What hears of an end that nobody decided. */
export type EarlyEnd = {
  /** Tells what is waited for, in a few words, so that a message can name it. */
  heard(what: string): void;
  /** An end is known: from now on an empty event loop is all right. */
  release(): void;
};

/**
 * Watches for an end that nobody decided: the event loop is empty although something is still waited for, which can
 * never come. Each time, the next of `remedies` is called with what was waited for, the gentlest first; the last one is
 * called again and again, and has to end the process.
 */
export function onEarlyEnd(remedies: readonly ((waited: string) => void)[]): EarlyEnd {
  let waited = "the start of the program";
  let tried = 0;
  const notice = (): void => {
    const remedy = remedies[Math.min(tried, remedies.length - 1)];
    tried += 1;
    remedy?.(waited);
    // The event is sent again only where something was done in between.
    setImmediate(() => undefined);
  };
  process.on("beforeExit", notice);
  return {
    heard: (what) => void (waited = what),
    release: () => void process.off("beforeExit", notice),
  };
}

/** Tells behind each event of a run what the run waits for. What a step leaves for memory is put there beside the next one. */
export function followWaits(heard: EarlyEnd["heard"]): (event: JournalEvent) => void {
  let step = 0;
  return (event) => {
    if ("step" in event && event.step < step) return;
    if ("step" in event) step = event.step;
    heard(waitedFor(event));
  };
}

function waitedFor(event: JournalEvent): string {
  switch (event.type) {
    case "model-requested":
      return `an answer of the model ${event.model} (${event.purpose})`;
    case "model-retry":
      return "the next request to the model";
    case "command-asked":
      return `what the user says to ${event.command.name}`;
    case "command-start":
      return `the command ${event.command.name}`;
    case "step-end":
      return "memory, which keeps the step";
    case "run-start":
    case "run-resumed":
    case "step-remembered":
      return "memory, for the next context";
    default:
      return `what follows ${event.type}`;
  }
}
