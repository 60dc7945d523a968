import { dirname } from "node:path";
import { SettingsError } from "../errors.js";
import type { RecordedExtension } from "../history/event-parts.js";
import { equipmentWith, type Added, type Equipment } from "./equipment.js";
import type { NamedExtension } from "./find.js";
import type { Trust } from "./trust.js";

/** What a run is equipped with besides what is built in, and who says whether extensions are trusted. */
export type Owner = { added: Added; trust: Trust };

/** Extensions as a settings file names them. */
type Naming = { file: string; extensions: readonly Pick<NamedExtension, "module" | "place">[] };

/**
 * The commands and checks of a new run: built-in, added, and of the extensions that the settings file names. Throws
 * SettingsError for an extension that cannot be used or is not trusted.
 */
export const equipNew = (owner: Owner, { file, extensions }: Naming, workspace: string): Promise<Equipment> =>
  equip(
    owner,
    extensions.map(({ module, place }) => ({ module, place, folder: dirname(file) })),
    workspace,
  );

/**
 * The same for a run that goes on: with the extensions that it was started with, wherever the settings file is now.
 * Throws SettingsError where one of them is missing, or lacks something that it had.
 */
export async function equipResumed(
  owner: Owner,
  { run, extensions }: { run: string; extensions: readonly RecordedExtension[] },
  workspace: string,
): Promise<Equipment> {
  const place = `The run ${run}`;
  const named = extensions.map(({ module, folder }) => ({ module, folder, place }));
  const equipment = await equip(owner, named, workspace);
  for (const [index, before] of extensions.entries()) {
    const lost = lostBy(before, equipment.extensions[index]);
    if (lost.length === 0) continue;
    throw new SettingsError(
      `${place}: the extension ${before.module} had ${lost.join(" and ")} when the run began, and no longer has. ` +
        "Put back what is missing, or start a new run.",
    );
  }
  return equipment;
}

const lostBy = (before: RecordedExtension, now: RecordedExtension | undefined): string[] => [
  ...before.commands.filter((name) => !now?.commands.includes(name)).map((name) => `the command ${name}`),
  ...before.checks.filter((name) => !now?.checks.includes(name)).map((name) => `the check ${name}`),
];

/** Few runs have extensions: what loads them is imported only for those. */
async function equip({ added, trust }: Owner, named: readonly NamedExtension[], workspace: string): Promise<Equipment> {
  if (named.length === 0) return equipmentWith(added);
  const { loadExtensions } = await import("./load.js");
  return loadExtensions(named, { added, workspace, trust });
}
