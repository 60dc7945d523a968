import { join } from "node:path";
import { setTimer, type SetTimer } from "../base/abort.js";
import type { OpenServer, Role } from "../compose/server.js";
import type { Listener } from "../history/emit.js";
import { listModels, type ModelList } from "../model/catalog/model-list.js";
import { noticesAbout } from "../model/catalog/retirement.js";

/** How long a run that ends before the list has come waits for it: what is said of its models may be why it ended. */
const lastLookMs = 500;

export type WatchOptions = {
  /** The program's own folder, where the list is kept for a day. */
  home: string;
  /** The models that this run uses. */
  roles: readonly Role[];
  warn(text: string): void;
  /** Of the run: where it was aborted, its end waits for nothing. */
  signal: AbortSignal;
  /** The clock of the wait at the end, the system's unless told. */
  timer?: SetTimer;
};

export type ModelWatch = {
  begin(opened: OpenServer): void;
  listener: Listener;
  /** At the end of the run: waits half a second at most for a look that goes on, and ends it. */
  settle(): Promise<void>;
  close(): void;
};

/**
 * Says once which of a run's models are missing, retired or about to end. The look begins behind the run's first request,
 * which it would only hold up, and the run goes on meanwhile.
 */
export function createModelWatch(options: WatchOptions): ModelWatch {
  const { signal, timer = setTimer } = options;
  const stop = new AbortController();
  let opened: OpenServer | undefined;
  let looked: Promise<void> | undefined;
  let start: NodeJS.Timeout | undefined;
  const close = (): void => {
    clearTimeout(start);
    stop.abort();
  };
  return {
    begin(given) {
      opened = given;
    },
    listener(event) {
      if (event.type !== "model-requested") return;
      start ??= setTimeout(() => {
        if (opened) looked = lookAtModels(opened, options, stop.signal);
      });
    },
    async settle() {
      clearTimeout(start);
      if (looked && !signal.aborted) await noLongerThan(looked, lastLookMs, timer);
      stop.abort();
      await looked;
    },
    close,
  };
}

async function noLongerThan(work: Promise<void>, milliseconds: number, timer: SetTimer): Promise<void> {
  let clear = (): void => undefined;
  const late = new Promise<void>((resolve) => {
    clear = timer(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clear();
}

/** What the catalog knows is said at once, what only the server knows whenever it has answered. Never throws. */
async function lookAtModels({ server, model }: OpenServer, options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { home, roles, warn } = options;
  const models = roles.map(model);
  const said = new Set<string>();
  const say = (list: ModelList | null): void => {
    for (const { text, model: name, state } of noticesAbout(models, list, new Date())) {
      if (said.has(`${name} ${state}`)) continue;
      said.add(`${name} ${state}`);
      warn(`WARNING: ${text}`);
    }
  };
  say(null);
  const list = await listModels({ server, file: join(home, "models.json"), signal }).catch(() => null);
  if (list && !signal.aborted) say(list);
}
