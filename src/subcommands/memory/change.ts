import { costText } from "../../console/text/words.js";
import { commandLine } from "../../base/process/command-line.js";
import { SettingsError } from "../../errors.js";
import { sourceKinds, type ForgetFilter } from "../../memory/memory.js";
import { counted } from "../../base/text.js";
import { withOwnMemory, type SubcommandUse } from "./own-memory.js";
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

/** `autogpt memory clear`: forgets everything of this AI and nothing else. */
export const clearMemory = (use: SubcommandUse, { json }: Shown): Promise<string> =>
  withOwnMemory(use, { asItIs: true }, async ({ aiName, memory }) => {
    const { records } = await memory.stats();
    await memory.clear();
    return json
      ? JSON.stringify({ forgotten: records })
      : `Forgot ${counted(records, "record")}, all that ${JSON.stringify(aiName)} remembered.`;
  });

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
