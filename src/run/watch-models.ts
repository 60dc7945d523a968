import { join } from "node:path";
import { listModels, type ModelList } from "../model/catalog/model-list.js";
import { noticesAbout } from "../model/catalog/retirement.js";
import type { OpenServer, Role } from "../compose/server.js";

/** So long may the server take to list its models; nothing waits for it. */
const listTimeoutMs = 3_000;

export type WatchOptions = {
  opened: OpenServer;
  /** The program's own folder, where the list is kept for a day. */
  home: string;
  /** The models that this run uses. */
  roles: readonly Role[];
  warn(text: string): void;
  signal: AbortSignal;
};

/**
 * Says which of a run's models are missing, retired or about to end. What the catalog knows is said at once, what only
 * the server knows when it has answered: a run never waits for that, and goes on without it.
 */
export async function watchModels({ opened, home, roles, warn, signal }: WatchOptions): Promise<void> {
  const { server, model } = opened;
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
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(listTimeoutMs)]);
  const list = await listModels({ server, file: join(home, "models.json"), signal: inTime }).catch(() => null);
  if (list && !signal.aborted) say(list);
}
