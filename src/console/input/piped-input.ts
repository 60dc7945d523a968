import { createLineQueue, type LineQueue } from "./line-queue.js";
import { onAbort } from "../../base/abort.js";
import type { InputStream, OutputStream, UserInput } from "./user-input.js";

/** Lines from a pipe or a file. Reading pauses as soon as there is one, so that no more is read than is asked for. */
export function openPipedInput(input: InputStream, output: OutputStream): UserInput {
  const queue = createLineQueue();
  let attached = false;
  let wake: (() => void) | undefined;

  /** Reads until there is an answer. */
  function arrival(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        wake = undefined;
        stopListening();
        input.pause();
        input.unref?.();
      };
      const stopListening = onAbort(signal, () => {
        stop();
        reject(signal?.reason as Error);
      });
      wake = () => {
        stop();
        resolve();
      };
      input.ref?.();
      input.resume();
    });
  }

  return {
    isTerminal: false,
    listen: () => () => undefined,
    async ask(question, signal) {
      signal?.throwIfAborted();
      if (wake) throw new Error("A question is still open.");
      output.write(question);
      if (!attached) attach(input, queue, () => wake?.());
      attached = true;
      if (!queue.hasAnswer()) await arrival(signal);
      // What comes through a pipe is not shown as typing is, so the line has to be ended here.
      output.write("\n");
      return queue.take();
    },
    close() {
      queue.end();
      wake?.();
      if (attached) input.pause();
    },
  };
}

/** Fills the queue from now on; `wake` is called whenever there is an answer in it. */
function attach(input: InputStream, queue: LineQueue, wake: () => void): void {
  const end = (): void => {
    queue.end();
    wake();
  };
  input.on("data", (chunk: Buffer | string) => {
    queue.add(chunk);
    if (queue.hasAnswer()) wake();
  });
  // A read that fails is an end: nobody can answer any more.
  input.on("end", end).on("close", end).on("error", end);
  if (input.readableEnded || input.destroyed) end();
}
