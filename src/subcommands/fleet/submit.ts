import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf, SettingsError } from "../../errors.js";
import { mostPriority } from "../../fleet/queue/run-queue.js";
import { requireAddress } from "../../fleet/store/open-store.js";
import { submitRun } from "../../fleet/submit/submit-run.js";
import { allChecks } from "../../goals/index.js";
import { openAiSettings } from "../../settings/ai/ai-settings.js";
import type { LoadedSettings } from "../../settings/load.js";
import { duration } from "../../settings/value-types.js";
import { changeBudget, limitFrom } from "./fleet.js";
import { namedRun } from "./named-run.js";
import { withFleet } from "./with-fleet.js";

export type SubmitFlags = { workspace?: string; priority: string; at?: string; after?: string[]; fleetCost?: string };

/** Puts a run into the queue for each file, named from the folder `cwd`, and resolves to their names once all of them are kept. Throws SettingsError. */
export async function submit(
  { settings }: LoadedSettings,
  cwd: string,
  files: readonly string[],
  { workspace, priority, at, after = [], fleetCost }: SubmitFlags,
  flags: { begin: readonly string[]; resume: readonly string[] },
): Promise<string[]> {
  requireAddress(settings.queueUrl);
  const turn = { priority: priorityFrom(priority), at: at === undefined ? null : timeFrom(at, Date.now()) };
  const limit = fleetCost === undefined ? undefined : limitFrom(fleetCost);
  const folder = workspace === undefined ? null : await folderFrom(resolve(cwd, workspace));
  const orders = await Promise.all(
    (files.length > 0 ? files : [settings.aiSettingsFile]).map((file) => readFileOf(resolve(cwd, file))),
  );
  return withFleet(settings.queueUrl, async (fleet) => {
    const { store, queue } = fleet;
    if (limit !== undefined) await changeBudget(fleet, limit);
    const known = after.length > 0 ? await store.list() : [];
    const earlier = after.map((name) => namedRun(known, name).run);
    const runs: string[] = [];
    for (const { text, about } of orders) {
      const order = { settings: text, ...flags, after: earlier, priority: turn.priority };
      const submission = { order, workspace: folder, about };
      runs.push(await submitRun(store, submission, (run) => queue.add(run, turn), { earlier: runs }));
    }
    return runs;
  });
}

/** The text of a settings file that can go elsewhere, and who its AI is. */
async function readFileOf(file: string) {
  const opened = await openAiSettings(file);
  if (opened === null)
    throw new SettingsError(
      `There is no settings file ${file}. Name one: autogpt submit FILE. "autogpt init" writes one.`,
    );
  if (opened.extensions.length > 0)
    throw new SettingsError(
      `${file} names extensions. Runs of a fleet cannot have any: they are modules of this computer.`,
    );
  const { aiName, goals } = opened.read(allChecks);
  return { text: await readFile(file, "utf8"), about: { aiName, goals: goals.map(({ goal }) => goal) } };
}

async function folderFrom(folder: string): Promise<string> {
  const facts = await stat(folder).catch((thrown: unknown) => {
    throw new SettingsError(`--workspace: ${messageOf(thrown)}`, { cause: thrown });
  });
  if (facts.isDirectory()) return folder;
  throw new SettingsError(`--workspace must be a folder, and ${folder} is none.`);
}

function priorityFrom(text: string): number {
  const priority = Number(text);
  if (Number.isInteger(priority) && priority >= 1 && priority <= mostPriority) return priority;
  throw new SettingsError(`--priority must be a whole number from 1 to ${mostPriority}, not ${JSON.stringify(text)}.`);
}

/** In milliseconds since 1970. */
export function timeFrom(text: string, now: number): number {
  const { data: seconds } = duration().safeParse(text);
  if (seconds !== undefined) return now + seconds * 1000;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new SettingsError(
    `--at must be a time such as 2026-12-01T08:00, or 30m or 2h from now, not ${JSON.stringify(text)}.`,
  );
}
