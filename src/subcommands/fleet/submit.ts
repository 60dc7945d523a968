import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf, SettingsError } from "../../errors.js";
import { mostPriority } from "../../fleet/queue/places.js";
import type { Turn } from "../../fleet/queue/run-queue.js";
import { tagsFrom } from "../../fleet/queue/tags.js";
import { requireAddress } from "../../fleet/store/open-store.js";
import { submitRun, type Submission } from "../../fleet/submit/submit-run.js";
import { allChecks } from "../../goals/index.js";
import { aiSettingsFrom } from "../../settings/ai/ai-settings.js";
import type { LoadedSettings } from "../../settings/load.js";
import { readTextFile } from "../../settings/text-file.js";
import { duration } from "../../settings/value-types.js";
import { changeBudget, limitFrom } from "./fleet.js";
import { namedRun } from "./named-run.js";
import { fillSettings, readTable, type Row } from "./table.js";
import { withFleet, type Fleet } from "./with-fleet.js";

export type SubmitFlags = {
  table?: string;
  workspace?: string;
  priority: string;
  at?: string;
  after?: string[];
  tags?: string;
  fleetCost?: string;
};

/**
 * Puts a run into the queue for each file, named from the folder `cwd`, and for each row of a table where there is one. `onRun` is told the
 * name of each once it is kept. Throws SettingsError, which says how many were put in before.
 */
export async function submit(
  { settings, variable }: LoadedSettings,
  cwd: string,
  files: readonly string[],
  { table, workspace, priority, at, after = [], tags, fleetCost }: SubmitFlags,
  flags: { begin: readonly string[]; resume: readonly string[] },
  onRun: (run: string) => void,
): Promise<void> {
  requireAddress(settings.queueUrl);
  const turn: Turn = {
    priority: priorityFrom(priority),
    at: at === undefined ? null : timeFrom(at, Date.now()),
    tags: tags === undefined ? [] : tagsFrom(tags),
  };
  const limit = fleetCost === undefined ? undefined : limitFrom(fleetCost);
  const folder = workspace === undefined ? null : await folderFrom(resolve(cwd, workspace));
  const rows = table === undefined ? null : await readTable(table, await textOf("--table", resolve(cwd, table)));
  const orders: SettingsText[] = [];
  for (const file of files.length > 0 ? files : [settings.aiSettingsFile])
    orders.push(...(await readFileOf(resolve(cwd, file), rows)));
  const putIn = async (fleet: Fleet): Promise<void> => {
    const { store, queue } = fleet;
    if (limit !== undefined) await changeBudget(fleet, limit);
    const known = after.length > 0 ? await store.list() : [];
    const earlier = after.map((name) => namedRun(known, name).run);
    const runs: string[] = [];
    for (const { text, about } of orders) {
      const order = { settings: text, ...flags, after: earlier, priority: turn.priority, tags: turn.tags };
      const submission = { order, workspace: folder, about };
      const run = await submitRun(store, submission, (name) => queue.add(name, turn), { earlier: runs }).catch(
        saying(runs.length, orders.length),
      );
      runs.push(run);
      onRun(run);
    }
  };
  return withFleet(settings.queueUrl, putIn, { url: settings.artifactsUrl, variable });
}

/** Those that were put in are there, and their names were told. */
const saying =
  (done: number, all: number) =>
  (thrown: unknown): never => {
    if (!(thrown instanceof SettingsError) || all === 1) throw thrown;
    throw new SettingsError(`${thrown.message} ${done} of ${all} runs were put in before that.`, { cause: thrown });
  };

/** The text of a settings file that can go elsewhere, and who its AI is. */
type SettingsText = { text: string; about: Submission["about"] };

/** One for a file, or one for each row that fills it. */
async function readFileOf(file: string, rows: readonly Row[] | null): Promise<SettingsText[]> {
  const text = await readTextFile(file, { pipe: true });
  if (text === null)
    throw new SettingsError(
      `There is no settings file ${file}. Name one: autogpt submit FILE. "autogpt init" writes one.`,
    );
  const own = await settingsText(text, file);
  if (rows === null) return [own];
  const filled: SettingsText[] = [];
  for (const row of rows)
    filled.push(await settingsText(await fillSettings(file, text, row), `${file} (${row.where})`));
  return filled;
}

async function settingsText(text: string, file: string): Promise<SettingsText> {
  const opened = await aiSettingsFrom(text, file);
  if (opened.extensions.length > 0)
    throw new SettingsError(
      `${file} names extensions. Runs of a fleet cannot have any: they are modules of this computer.`,
    );
  const { aiName, goals } = opened.read(allChecks);
  return { text, about: { aiName, goals: goals.map(({ goal }) => goal) } };
}

async function textOf(flag: string, file: string): Promise<string> {
  const text = await readTextFile(file, { pipe: true });
  if (text === null) throw new SettingsError(`${flag}: there is no file ${file}.`);
  return text;
}

async function folderFrom(folder: string): Promise<string> {
  const facts = await stat(folder).catch((thrown: unknown) => {
    throw new SettingsError(`--workspace: ${messageOf(thrown)}`, { cause: thrown });
  });
  if (facts.isDirectory()) return folder;
  throw new SettingsError(`--workspace must be a folder, and ${folder} is none.`);
}

function priorityFrom(text: string): number {
  const priority = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (priority >= 1 && priority <= mostPriority) return priority;
  throw new SettingsError(`--priority must be a whole number from 1 to ${mostPriority}, not ${JSON.stringify(text)}.`);
}

/** A day, and mostly a time of it, by the clock here unless it says by which; `Date.parse` would take "5" for one as well. */
const timeForm = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})?))?$/i;
/** How long ago a time may be, in milliseconds: a script that says "now" says it a little earlier. */
const lateMs = 60_000;

/** In milliseconds since 1970. Throws SettingsError for what is no time, or has passed. */
export function timeFrom(text: string, now: number): number {
  const { data: seconds } = duration().safeParse(text);
  if (seconds !== undefined) return now + seconds * 1000;
  const [, day = "", hour = "00:00"] = timeForm.exec(text.trim()) ?? [];
  const time = isDay(day) ? Date.parse(`${day}T${hour.toUpperCase()}`) : NaN;
  if (Number.isNaN(time))
    throw new SettingsError(
      `--at must be a time such as 2026-12-01T08:00, or 30m or 2h from now, not ${JSON.stringify(text)}.`,
    );
  if (time >= now - lateMs) return time;
  throw new SettingsError(
    `--at: ${text} has passed; by this computer's clock it is ${new Date(now).toISOString()}. Leave it out where the run is to be taken at once.`,
  );
}

/** 30 February would be taken for a day in March. */
const isDay = (text: string): boolean => {
  const day = new Date(`${text}T00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};
