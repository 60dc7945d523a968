import { realpath } from "node:fs/promises";
import { newRunName } from "../../history/runs.js";
import { LeaseLostError, type FileChange, type Order, type RunStatus, type RunStore } from "../store/run-store.js";
import { gatherParts } from "../folder/gather-parts.js";
import { partOf } from "../folder/parts.js";
import { scanFolder } from "../folder/scan.js";
import { storedNames } from "../worker/run-folder.js";

export type Submission = {
  order: Order;
  /** The folder that becomes the run's workspace; null: an empty one. */
  workspace: string | null;
  /** Who the AI is and what it is to do, for lists of runs. */
  about: Pick<RunStatus, "aiName" | "goals">;
};

/** While it is put in, nobody else takes it; if this process ends meanwhile, it never began. */
const submitMs = 120_000;

/**
 * Puts a run into the store with its whole workspace, and resolves to its name once all of it is kept. It is not in the queue then.
 * `earlier` are names that this process has given before. Throws StoreDownError, and the system's error for what cannot be read.
 */
export async function submitRun(
  store: RunStore,
  { order, workspace, about }: Submission,
  earlier: readonly string[] = [],
  now = new Date(),
): Promise<string> {
  const status: RunStatus = { state: "waiting", since: now.toISOString(), steps: 0, costUsd: 0, kills: 0, ...about };
  let run = newRunName(now, earlier);
  while (!(await store.create(run, order, status))) run = newRunName(now, [...earlier, run]);
  const taken = await store.acquire(run, "submit", submitMs);
  if (typeof taken === "string") throw new LeaseLostError(run);
  const { epoch } = taken;
  try {
    const files = await putFiles(store, run, epoch, order.settings, workspace);
    await store.commit(run, epoch, { lines: [], from: 1, files, dropped: [], status: null, nano: 0 });
  } catch (thrown) {
    await store.remove(run).catch(() => undefined);
    throw thrown;
  }
  await store.release(run, epoch);
  return run;
}

/** Keeps the contents, and returns the files that have them. */
async function putFiles(
  store: RunStore,
  run: string,
  epoch: number,
  settings: string,
  workspace: string | null,
): Promise<FileChange[]> {
  const { add, flush } = gatherParts(async (contents) => {
    await store.put(run, epoch, contents);
    await store.renew(run, epoch, submitMs);
  });
  const text = Buffer.from(settings, "utf8");
  const parts = text.length > 0 ? [partOf(text)] : [];
  for (const part of parts) await add(part, text);
  const found =
    workspace === null
      ? []
      : await scanFolder({ root: await realpath(workspace), isLeftOut: () => false, add }, new Map());
  await flush();
  return [
    [storedNames.settings, { kind: "file", mode: 0o600, parts }],
    [storedNames.workspace, { kind: "folder", mode: 0o755 }],
    ...found.map(([path, entry]): FileChange => [`${storedNames.workspace}/${path}`, entry]),
  ];
}
