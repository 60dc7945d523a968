import { setTimeout as sleep } from "node:timers/promises";
import { consoleListener } from "../console/listener.js";
import { createLiveThoughts } from "../console/live-thoughts.js";
import { createPalette } from "../console/palette.js";
import { recordListener } from "../console/records.js";
import type { Screen } from "../console/screen.js";
import type { AgentRequest } from "../compose/agent.js";
import type { Models } from "../compose/models.js";
import type { Listener } from "../history/emit.js";
import type { Mask } from "../base/mask.js";
import { rolesOf } from "../compose/server.js";
import { wantsColor } from "../settings/environment/bare-environment.js";
import type { Settings } from "../settings/schema.js";
import { createRunSpeech } from "../compose/speech.js";
import { watchModels } from "./watch-models.js";

export type ObserverOptions = Pick<AgentRequest, "only" | "memoryBackend" | "signal"> & {
  settings: Settings;
  aiName: string;
  journal: string;
  screen: Screen;
  mask: Mask;
  warn(text: string): void;
};

/** What goes along with a run and never decides anything: screen and records, voice, a look at the models' dates. */
export type Observers = {
  listeners: readonly Listener[];
  onText: AgentRequest["onText"];
  begin(models: Models): void;
  /** Before the end of the run: nothing more is asked or paid for. */
  settle(): Promise<void>;
  /** After it. */
  close(): Promise<void>;
};

/** A run that ends before the list of models has come waits so long for it: what is said of them may be why it ended. */
const lastLookMs = 500;

export function createObservers(options: ObserverOptions): Observers {
  const { settings, aiName, journal, screen, mask, warn, signal } = options;
  const { outputFormat } = settings;
  const quiet = outputFormat !== "text";
  const palette = createPalette(wantsColor(quiet ? process.stderr : process.stdout));
  const live = createLiveThoughts(screen, { aiName, palette, mask });
  const console = consoleListener(screen, { aiName, journal, palette, quiet, live });
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
      ...(outputFormat === "text" ? [] : [recordListener(outputFormat, process.stdout)]),
      console,
      ...(speech ? [speech.listener] : []),
    ],
    onText: quiet ? undefined : live.hear,
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
