/** What the launcher is asked by, once for a process. */
const optimise = Symbol.for("autogpt.optimise");
/** What it is told by that a step has ended, where it keeps what was compiled for that. */
const stepped = Symbol.for("autogpt.stepped");

type Launcher = { [optimise]?: (() => void) | undefined; [stepped]?: (goesOn: boolean) => void };
const launcher = globalThis as Launcher;

/**
 * Has V8 optimise what is called often, from now on. The launcher puts that off until a start is over, since it costs a start more
 * than it saves; what may compute for long before that calls this first. Where nothing was put off it does nothing.
 */
export function optimiseHotCode(): void {
  launcher[optimise]?.();
  // Once is enough, and each time costs as much as a file that is read.
  launcher[optimise] = undefined;
}

/** A reply of more characters is worth optimised code, even a run's first one. */
const longReply = 100_000;

/** Hears a run's events: its start is over with the second step, or with a reply that takes long to read. */
export function endStart(event: { type: string; step?: number; text?: string | undefined }): void {
  if (event.type === "step-end") launcher[stepped]?.(false);
  const isLaterStep = event.type === "model-requested" && (event.step ?? 0) > 1;
  if (isLaterStep) launcher[stepped]?.(true);
  if (isLaterStep || (event.type === "model-replied" && (event.text?.length ?? 0) > longReply)) optimiseHotCode();
}
