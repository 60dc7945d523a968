import { setTimeout as sleep } from "node:timers/promises";
import type { AgentRequest } from "../compose/agent.js";
import type { Models } from "../compose/models.js";
import { rolesOf } from "../compose/server.js";
import { createRunSpeech } from "../compose/speech.js";
import type { Listener } from "../history/emit.js";
import type { Settings } from "../settings/schema.js";
import { watchModels } from "./watch-models.js";

export type ObserverOptions = Pick<AgentRequest, "only" | "memoryBackend" | "signal"> & {
  settings: Settings;
  warn(text: string): void;
};

/** What goes along with every run and never decides anything: a voice, and a look at the models' dates. */
export type Observers = {
  listeners: readonly Listener[];
  begin(models: Models): void;
  /** Before the end of the run: nothing more is asked or paid for. */
  settle(): Promise<void>;
  /** After it. */
  close(): Promise<void>;
};

/** A run that ends before the list of models has come waits so long for it: what is said of them may be why it ended. */
const lastLookMs = 500;

export function createObservers(options: ObserverOptions): Observers {
  const { settings, warn, signal } = options;
  let models: Models | undefined;
  const speech = createRunSpeech({ settings, models: () => models, warn, signal });
  const watching = new AbortController();
  let watched: Promise<void> | undefined;
  let watch: NodeJS.Timeout | undefined;
  const lookAtModels = (): void => {
    if (!models) return;
    const { opened } = models;
    const roles = rolesOf({ ...settings, memoryBackend: options.memoryBackend }, options.only);
    watched = watchModels({ opened, home: settings.home, roles, warn, signal: watching.signal });
  };
  return {
    listeners: [
      (event) => {
        // Behind the first request, which it would only hold up.
        if (event.type === "model-requested") watch ??= setTimeout(lookAtModels);
      },
      ...(speech ? [speech.listener] : []),
    ],
    begin(given) {
      models = given;
    },
    async settle() {
      clearTimeout(watch);
      await Promise.race([watched, sleep(signal.aborted ? 0 : lastLookMs, undefined, { ref: false })]);
      watching.abort();
      await watched;
      await speech?.settle();
    },
    async close() {
      clearTimeout(watch);
      watching.abort();
      await speech?.close();
    },
  };
}
