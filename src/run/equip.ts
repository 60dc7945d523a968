import { dirname } from "node:path";
import { SettingsError } from "../errors.js";
import { equipmentWith, type Added, type Equipment } from "../extensions/equipment.js";
import type { NamedExtension } from "../extensions/find.js";
import type { Trust } from "../extensions/trust.js";
import type { RecordedRun } from "../history/read-run.js";
import type { AiSettingsFile } from "../settings/ai/ai-settings.js";
import type { LoadedSettings } from "../settings/load.js";
import type { Settings } from "../settings/schema.js";
import { resumedWorkspace } from "./plan.js";

type Owner = { added: Added; trust: Trust };

/** The commands and checks of a new run: built-in, added, and of the extensions that the settings file names. Throws SettingsError. */
export async function equipNew(owner: Owner, settings: Settings, file: AiSettingsFile | null): Promise<Equipment> {
  const folder = dirname(settings.aiSettingsFile);
  const named = (file?.extensions ?? []).map((each) => ({ ...each, folder }));
  return equip(owner, named, settings.workspaceDirectory);
}

/**
 * The same for a run that goes on: with the extensions that it was started with, wherever the settings file is now.
 * Throws SettingsError where one of them is missing, or lacks something that it had.
 */
export async function equipResumed(owner: Owner, loaded: LoadedSettings, recorded: RecordedRun): Promise<Equipment> {
  const before = recorded.start.extensions ?? [];
  const place = `The run ${recorded.run}`;
  const named = before.map(({ module, folder }) => ({ module, folder, place }));
  const equipment = await equip(owner, named, resumedWorkspace(loaded, recorded));
  for (const [index, { module, commands, checks }] of before.entries()) {
    const now = equipment.extensions[index];
    const lost = [
      ...commands.filter((name) => !now?.commands.includes(name)).map((name) => `the command ${name}`),
      ...checks.filter((name) => !now?.checks.includes(name)).map((name) => `the check ${name}`),
    ];
    if (lost.length > 0)
      throw new SettingsError(
        `${place}: the extension ${module} had ${lost.join(" and ")} when it began, and has not now. ` +
          "Bring that back, or start a new run.",
      );
  }
  return equipment;
}

/** Few runs have extensions: what loads them is loaded where it is needed. */
async function equip({ added, trust }: Owner, named: readonly NamedExtension[], workspace: string): Promise<Equipment> {
  if (named.length === 0) return equipmentWith(added);
  const { loadExtensions } = await import("../extensions/load.js");
  return loadExtensions(named, { added, workspace, trust });
}
