import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { isMissing } from "../../base/system-error.js";
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
import { changeBudget, limitFrom } from "./fleet.js";
import { namedRun } from "./named-run.js";
import { columnsIn, fillSettings } from "./fill-settings.js";
import { mostTableBytes, readTable, type Row } from "./table.js";
import { timeFrom } from "./time-from.js";
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
 * name of each once it is kept, `warn` what may be a mistake. Throws SettingsError, which says how many were put in before.
 */
export async function submit(
  { settings, variable }: LoadedSettings,
  cwd: string,
  files: readonly string[],
  { table, workspace, priority, at, after = [], tags, fleetCost }: SubmitFlags,
  flags: { begin: readonly string[]; resume: readonly string[] },
  { onRun, warn }: { onRun(run: string): void; warn(text: string): void },
): Promise<void> {
  requireAddress(settings.queueUrl);
  const turn: Turn = {
    priority: priorityFrom(priority),
    at: at === undefined ? null : timeFrom(at, Date.now()),
    tags: tags === undefined ? [] : tagsFrom(tags),
  };
  const limit = fleetCost === undefined ? undefined : limitFrom(fleetCost);
  if (workspace?.trim() === "")
    throw new SettingsError("--workspace is empty: name a folder, or leave it out for an empty one.");
  const folder = workspace === undefined ? null : await folderFrom(resolve(cwd, workspace));
  const rows = table === undefined ? null : await readTable(table, await tableText(resolve(cwd, table)));
  const orders: SettingsText[] = [];
  for (const file of files.length > 0 ? files : [settings.aiSettingsFile])
    orders.push(...(await readFileOf(resolve(cwd, file), rows, { isNamed: files.length > 0, warn })));
  const putIn = async (fleet: Fleet): Promise<void> => {
    const { store, queue } = fleet;
    if (limit !== undefined) await changeBudget(fleet, limit);
    const known = after.length > 0 ? await store.list() : [];
    const earlier = after.map((name) => namedRun(known, name).run);
    const runs: string[] = [];
    for (const { text, about } of orders) {
      const order = {
        ...{ settings: text, ...flags, after: earlier, priority: turn.priority, tags: turn.tags },
        ...(turn.at !== null && { at: new Date(turn.at).toISOString() }),
      };
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
async function readFileOf(
  file: string,
  rows: readonly Row[] | null,
  { isNamed, warn }: { isNamed: boolean; warn(text: string): void },
): Promise<SettingsText[]> {
  const text = await readTextFile(file, { pipe: true });
  if (text === null)
    throw new SettingsError(
      `There is no settings file ${file}. ${isNamed ? "" : "Name one: autogpt submit FILE. "}"autogpt init" writes one.`,
    );
  const own = await settingsText(text, file);
  const columns = await columnsIn(text);
  if (rows === null) {
    if (columns.length > 0)
      warn(`WARNING: ${file} has ${inBraces(columns)}, which only --table would fill: the run gets it as it stands.`);
    return [own];
  }
  const filled: SettingsText[] = [];
  for (const row of rows)
    filled.push(await settingsText(await fillSettings(file, text, row), `${file} (${row.where})`));
  if (columns.length === 0)
    throw new SettingsError(
      `${file} uses no column of the table, so its ${rows.length} runs would all be the same. Write ${inBraces([...(rows[0]?.values.keys() ?? [])])} where it is to go, or leave out --table.`,
    );
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

const shownColumns = 3;

/** `{city}, {land}`; not all where there are many. */
const inBraces = (columns: readonly string[]): string =>
  columns
    .slice(0, shownColumns)
    .map((name) => `{${name}}`)
    .join(", ") + (columns.length > shownColumns ? ", …" : "");

async function tableText(file: string): Promise<string> {
  const tooLarge = "is larger than 20 MB, the most that a table may be. Submit it in parts.";
  const text = await readTextFile(file, { pipe: true, most: { bytes: mostTableBytes, tooLarge } });
  if (text === null) throw new SettingsError(`--table: there is no file ${file}.`);
  return text;
}

async function folderFrom(folder: string): Promise<string> {
  const facts = await stat(folder).catch((thrown: unknown) => {
    if (isMissing(thrown)) throw new SettingsError(`--workspace: there is no folder ${folder}.`, { cause: thrown });
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
