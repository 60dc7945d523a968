/**
 * Has V8 optimise what is called often, from now on. The launcher puts that off until a start is over, since it costs a start more
 * than it saves; what may compute for long before the first request calls this first. Where nothing was put off it does nothing.
 */
export function optimiseHotCode(): void {
  const launcher = globalThis as { [key: symbol]: (() => void) | undefined };
  launcher[Symbol.for("autogpt.optimise")]?.();
}
