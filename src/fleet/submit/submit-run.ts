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

/** While it is put in, nobody else takes it; if this process ends meanwhile, whoever finds it removes it. */
const usualSubmitMs = 120_000;

export type SubmitOptions = {
  /** Names that this process has given before. */
  earlier?: readonly string[];
  now?: Date;
  /** For how long it is this process's own at a time. */
  submitMs?: number;
};

/**
 * Puts a run into the store with its whole workspace, and into the queue by `enqueue`; resolves to its name once all of it is kept. Where
 * this process ends before that, there is no run, and otherwise it will be taken. Throws StoreDownError, UnreadableError, and the system's
 * other errors.
 */
export async function submitRun(
  store: RunStore,
  { order, workspace, about }: Submission,
  enqueue: (run: string) => Promise<void>,
  { earlier = [], now = new Date(), submitMs = usualSubmitMs }: SubmitOptions = {},
): Promise<string> {
  const status: RunStatus = { state: "submitting", since: now.toISOString(), steps: 0, costUsd: 0, kills: 0, ...about };
  let run = newRunName(now, earlier);
  while (!(await store.create(run, order, status))) run = newRunName(now, [...earlier, run]);
  const taken = await store.acquire(run, "submit", submitMs);
  if (typeof taken === "string") throw new LeaseLostError(run);
  const { epoch } = taken;
  try {
    const put = async (contents: ReadonlyMap<string, Uint8Array>): Promise<void> => {
      await store.put(run, epoch, contents);
      await store.renew(run, epoch, submitMs);
    };
    const files = await filesOf(order.settings, workspace, store.hasArtifacts ? epoch : null, put);
    // A worker that takes it now leaves it alone until it is whole.
    await enqueue(run);
    const waiting: RunStatus = { ...status, state: "waiting" };
    await store.commit(run, epoch, { lines: [], from: 1, files, dropped: [], status: waiting, nano: 0 });
  } catch (thrown) {
    await store.remove(run).catch(() => undefined);
    throw thrown;
  }
  await store.release(run, epoch);
  return run;
}

/** Hands the contents to `put`, and returns the files that have them. */
async function filesOf(
  settings: string,
  workspace: string | null,
  artifacts: number | null,
  put: (contents: ReadonlyMap<string, Uint8Array>) => Promise<void>,
): Promise<FileChange[]> {
  const { add, flush } = gatherParts(put);
  const text = Buffer.from(settings, "utf8");
  const parts = text.length > 0 ? [partOf(text)] : [];
  for (const part of parts) await add(part, text);
  const found =
    workspace === null
      ? []
      : await scanFolder({ root: await realpath(workspace), isLeftOut: () => false, artifacts, add }, new Map());
  await flush();
  return [
    [storedNames.settings, { kind: "file", mode: 0o600, parts }],
    [storedNames.workspace, { kind: "folder", mode: 0o755 }],
    ...found.map(([path, entry]): FileChange => [`${storedNames.workspace}/${path}`, entry]),
  ];
}
