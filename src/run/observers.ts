import { endStart } from "../base/process/hot-code.js";
import type { AgentRequest } from "../compose/agent/request.js";
import type { Models } from "../compose/models.js";
import { rolesOf } from "../compose/server.js";
import { createRunNotifier } from "../compose/notify.js";
import { createRunSpeech } from "../compose/speech.js";
import { RunError } from "../errors.js";
import type { Listener } from "../history/emit.js";
import type { Settings, Sources } from "../settings/schema.js";
import { createModelWatch } from "./watch-models.js";

export type ObserverOptions = Pick<
  AgentRequest,
  "only" | "memoryBackend" | "signal" | "ai" | "run" | "workspaceDirectory"
> & {
  settings: Settings;
  sources: Sources;
  /** The folder that the run was started in. */
  cwd: string;
  warn(text: string): void;
};

/** What goes along with every run and never decides anything: a voice, word to who is away, and a look at the models' dates. */
export type Observers = {
  listeners: readonly Listener[];
  begin(models: Models): void;
  /** Before the end of the run: nothing more is asked or paid for. */
  settle(): Promise<void>;
  /** After it. */
  close(): Promise<void>;
};

export function createObservers(options: ObserverOptions): Observers {
  const { settings, memoryBackend, only, warn, signal } = options;
  let models: Models | undefined;
  const speech = createRunSpeech({ settings, models: () => models, warn, signal });
  const roles = rolesOf({ ...settings, memoryBackend }, only);
  const about = { run: options.run, aiName: options.ai.aiName, workspace: options.workspaceDirectory };
  const notifier = createRunNotifier({ settings, sources: options.sources, about, cwd: options.cwd, warn });
  const watch = createModelWatch({ home: settings.home, roles, warn, signal });
  return {
    listeners: [
      endStart,
      watch.listener,
      ...(notifier ? [notifier.listener] : []),
      ...(speech ? [speech.listener] : []),
    ],
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
      await Promise.all([speech?.close(), notifier?.close(wasToldToEnd(signal))]);
    },
  };
}

/** Whoever interrupts a run, or whatever terminates it, does not wait long for its end. */
const wasToldToEnd = ({ reason }: AbortSignal): boolean =>
  reason instanceof RunError && (reason.reason === "interrupted" || reason.reason === "terminated");
