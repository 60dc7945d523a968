import type { AgentRequest } from "../compose/agent.js";
import type { Models } from "../compose/models.js";
import { rolesOf } from "../compose/server.js";
import { createRunSpeech } from "../compose/speech.js";
import type { Listener } from "../history/emit.js";
import type { Settings } from "../settings/schema.js";
import { createModelWatch } from "./watch-models.js";

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

export function createObservers({ settings, memoryBackend, only, warn, signal }: ObserverOptions): Observers {
  let models: Models | undefined;
  const speech = createRunSpeech({ settings, models: () => models, warn, signal });
  const roles = rolesOf({ ...settings, memoryBackend }, only);
  const watch = createModelWatch({ home: settings.home, roles, warn, signal });
  return {
    listeners: [watch.listener, ...(speech ? [speech.listener] : [])],
    begin(given) {
      models = given;
      watch.begin(given.opened);
    },
    async settle() {
      await watch.settle();
      await speech?.settle();
    },
    async close() {
      watch.close();
      await speech?.close();
    },
  };
}
