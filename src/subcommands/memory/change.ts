import { open } from "node:fs/promises";
import { costText } from "../../console/text/words.js";
import { commandLine } from "../../base/process/command-line.js";
import { SettingsError } from "../../errors.js";
import { sourceKinds, type ForgetFilter } from "../../memory/memory.js";
import { counted } from "../../base/text.js";
import { exportedLine } from "../../memory/exchange.js";
import { placeForCopy } from "../../settings/environment/keep-copy.js";
import { withOwnMemory, type OwnMemory, type SubcommandUse } from "./own-memory.js";
import type { Shown } from "./look.js";

export type ForgetOptions = { ids: readonly string[]; run?: string; kind?: string; from?: string; before?: string };

/** `autogpt memory forget`: forgets the records that all given conditions hold for. */
export const forgetRecords = (use: SubcommandUse, options: ForgetOptions, { json }: Shown): Promise<string> => {
  const filter = filterOf(options);
  return withOwnMemory(use, { asItIs: true }, async ({ memory }) => {
    const forgotten = await memory.forget(filter);
    return json ? JSON.stringify({ forgotten }) : `Forgot ${counted(forgotten, "record")}.`;
  });
};

function filterOf({ ids, run, kind, from, before }: ForgetOptions): ForgetFilter {
  const known = sourceKinds.find((name) => name === kind);
  if (kind !== undefined && known === undefined)
    throw new SettingsError(`--kind has to be one of ${sourceKinds.join(", ")}, not ${JSON.stringify(kind)}.`);
  if (before !== undefined && Number.isNaN(Date.parse(before)))
    throw new SettingsError(`--before has to be a date such as 2026-11-01, not ${JSON.stringify(before)}.`);
  const filter: ForgetFilter = {
    ...(ids.length > 0 && { ids }),
    ...(run !== undefined && { run }),
    ...(known !== undefined && { kind: known }),
    ...(from !== undefined && { from }),
    ...(before !== undefined && { before: new Date(before).toISOString() }),
  };
  if (Object.keys(filter).length > 0) return filter;
  throw new SettingsError(
    `Say what to forget: ids, --run, --kind, --from or --before. ${commandLine("memory clear")} forgets everything.`,
  );
}

export type ClearOptions = Shown & {
  /** Asks whether it may be; null: nobody is asked. */
  confirm: ((question: string) => Promise<boolean>) | null;
};

/** `autogpt memory clear`: forgets everything of this AI and nothing else, and keeps a copy that can be imported. */
export const clearMemory = (use: SubcommandUse, { json, confirm }: ClearOptions): Promise<string> =>
  withOwnMemory(use, { asItIs: true }, async ({ aiName, memory }) => {
    const { records } = await memory.stats();
    const all = `${counted(records, "record")}, all that ${JSON.stringify(aiName)} remembered`;
    if (records > 0 && confirm && !(await confirm(`Forget ${all}? A copy is kept. (y/n) `)))
      throw new SettingsError("Nothing was forgotten.");
    const copy = records === 0 ? null : await copyOf(memory, aiName, use);
    await memory.clear();
    if (json) return JSON.stringify({ forgotten: records, ...(copy !== null && { copy }) });
    const back = `A copy is in ${copy}. It comes back with: ${commandLine(`memory import ${JSON.stringify(copy)}`)}`;
    return copy === null ? `Forgot ${all}.` : `Forgot ${all}.\n${back}`;
  });

/** Writes every record into a new file of the program's own folder. Throws where that is impossible. */
async function copyOf(memory: OwnMemory["memory"], aiName: string, { loaded }: SubcommandUse): Promise<string> {
  const name = `memory-${aiName.replace(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 40)}.jsonl`;
  const file = await placeForCopy(name, loaded.settings.home);
  const handle = await open(file, "ax", 0o600);
  try {
    for await (const record of memory.entries())
      await handle.appendFile(`${exportedLine(record, { withVectors: true })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return file;
}

/** `autogpt memory reembed`: embeds every record anew with what the settings ask for, and goes on with that. */
export async function reembedMemory(use: SubcommandUse, { json }: Shown): Promise<string> {
  const { settings } = use.loaded;
  const before = await withOwnMemory(use, { asItIs: true }, ({ memory }) => memory.stats());
  // Asked for with the same model, everything is embedded anew: the model may have changed behind its name.
  const renew = before.embeddingModel === settings.embeddingModel;
  return withOwnMemory(use, { asItIs: true, renew }, async ({ memory, call, wanted, totals }) => {
    const embedding = await wanted();
    const records = await memory.reembed(embedding, call, (done, all) => use.note(`${done} of ${all} records`));
    const { embeddingModel, dimension } = await memory.stats();
    const used = totals();
    const { embeddingTokens, costUsd } = used;
    if (json) return JSON.stringify({ records, embeddingModel, dimension, embeddingTokens, costUsd });
    const how = embedding.embed === null ? "to be recalled by words" : `with ${embedding.model}`;
    return `Made ${counted(records, "record")} anew ${how}. Used ${counted(used.embeddingTokens, "token")}, ${costText(used)}.`;
  });
}
