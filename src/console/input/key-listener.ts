import { isInForeground } from "./foreground.js";
import { suspend } from "./suspend.js";
import type { InputStream } from "./user-input.js";

/** What keys mean while nothing is asked. */
export type KeyActions = {
  escape(): void;
  interrupt(): void;
  /** All other keys: nothing that was asked for. */
  typed(text: string): void;
};

/** How long the rest of a key's sequence may take, in ms: a terminal sends arrows and others as an Escape and more. */
const sequenceMs = 50;
const sequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|O.|[^\u001b])/g;

/**
 * Reads the keys of a terminal while nothing is asked, without showing them: Escape, Ctrl-C, Ctrl-Z, Ctrl-\. Does not keep
 * the process alive, and leaves the terminal alone while the program runs in the background. Returns what ends it.
 */
export function listenToKeys(input: InputStream, actions: KeyActions, mayListen = isInForeground): () => void {
  let listening = false;
  const quiet = (): void => {
    if (!listening) return;
    listening = false;
    input.off("data", keys.hear);
    input.setRawMode?.(false);
    input.pause();
    input.ref?.();
  };
  const listen = (): void => {
    quiet();
    if (!mayListen()) return;
    listening = true;
    input.setRawMode?.(true);
    input.on("data", keys.hear);
    input.resume();
    input.unref?.();
  };
  const keys = createKeyReader({
    ...actions,
    suspend() {
      quiet();
      suspend(listen);
    },
    quit() {
      quiet();
      process.kill(process.pid, "SIGQUIT");
    },
  });
  process.on("SIGCONT", listen);
  listen();
  return () => {
    process.off("SIGCONT", listen);
    keys.close();
    quiet();
  };
}

/** Tells keys apart, in whatever pieces they come. */
function createKeyReader(actions: KeyActions & { suspend(): void; quit(): void }) {
  let pending = "";
  let timer: NodeJS.Timeout | undefined;
  const settle = (): void => {
    const isEscape = /^\u001b+$/.test(pending);
    pending = "";
    if (isEscape) actions.escape();
  };
  return {
    hear(chunk: Buffer | string): void {
      clearTimeout(timer);
      pending += String(chunk);
      if (pending.endsWith("\u001b")) {
        timer = setTimeout(settle, sequenceMs);
        return;
      }
      const keys = pending.replace(sequence, "");
      pending = "";
      if (keys.includes("\u0003")) actions.interrupt();
      else if (keys.includes("\u001a")) actions.suspend();
      else if (keys.includes("\u001c")) actions.quit();
      else if (keys !== "") actions.typed(keys);
    },
    close: (): void => clearTimeout(timer),
  };
}
