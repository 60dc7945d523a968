import { pathToFileURL } from "node:url";
import { isObject } from "../base/json.js";
import { importModule } from "../base/packages/import-module.js";
import type { Command } from "../commands/command.js";
import { messageOf, SettingsError } from "../errors.js";
import type { Check } from "../goals/check.js";
import type { RecordedExtension } from "../history/event-parts.js";
import { adoptCheck, adoptCommand, isCommandLike } from "./adopt.js";
import { equipmentWith, type Added, type Equipment } from "./equipment.js";
import { findExtension, type FoundExtension, type NamedExtension } from "./find.js";
import { placeOf } from "./place-of.js";
import { requireTrust, type Trust } from "./trust.js";

export type LoadOptions = { added: Added; workspace: string; trust: Trust };

/**
 * Loads extensions that the user trusts. Throws SettingsError for one that is not trusted, cannot be found or loaded, or
 * is not made as it should be; it names the place where the extension is named.
 */
export async function loadExtensions(
  named: readonly NamedExtension[],
  { added, workspace, trust }: LoadOptions,
): Promise<Equipment> {
  const found: FoundExtension[] = [];
  for (const each of named) found.push(await about(each, "cannot be used", () => findExtension(each, workspace)));
  await requireTrust(found, trust);
  let { commands, checks } = added;
  const extensions: RecordedExtension[] = [];
  for (const each of found) {
    const exported = await about(each, "cannot be loaded", async () => exportsOf(await importFound(each)));
    const own = await about(each, "is not made as it should be", async () => adopted(exported));
    commands = [...commands, ...own.commands];
    checks = [...checks, ...own.checks];
    await about(each, "cannot be added", async () => equipmentWith({ commands, checks }));
    extensions.push({
      module: each.module,
      folder: each.folder,
      commands: own.commands.map(({ name }) => name),
      checks: own.checks.map(({ name }) => name),
    });
  }
  return equipmentWith({ commands, checks }, extensions);
}

async function about<Result>(
  { place, module }: NamedExtension,
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    throw new SettingsError(`${place}: the extension ${module} ${what}: ${messageOf(thrown).replace(/\.$/, "")}.`, {
      cause: thrown,
    });
  }
}

/** What was looked at is what is loaded, also where a long-lived process has loaded an older one before. */
async function importFound({ file, files, digest }: FoundExtension): Promise<Record<string, unknown>> {
  const address = `${pathToFileURL(file).href}?${digest.slice(0, 16)}`;
  try {
    return await importModule(address);
  } catch (thrown) {
    const place = await placeOf(thrown, files);
    const advice = /^Cannot find package 'autogpt'/.test(messageOf(thrown)) ? withoutPackage : "";
    throw new Error(`${messageOf(thrown)}${place === "" ? "" : ` (${place})`}${advice}`, { cause: thrown });
  }
}

const withoutPackage =
  ". Install autogpt in the extension's folder, or export plain objects: defineCommand and defineCheck only type them";

type Named = { name: string; value: Record<string, unknown> };

/** Everything that a module exports: single objects, lists of them, and of `default` an object with them. */
function exportsOf(module: Record<string, unknown>): Named[] {
  const seen = new Set<unknown>();
  const found: Named[] = [];
  const add = (name: string, value: unknown): void => {
    if (seen.has(value)) return;
    seen.add(value);
    if (Array.isArray(value)) value.forEach((item, index) => add(`${name}[${index}]`, item));
    else if (isObject(value) && "run" in value) found.push({ name, value });
    else if (isObject(value) && isHolder(name)) Object.entries(value).forEach(([key, item]) => add(key, item));
    else throw new Error(`its export ${name} is neither a command nor a check: ${expected}`);
  };
  // A CommonJS module's exports are those of its default; some Node lines name them in other ways as well.
  for (const [name, value] of Object.entries(module)) if (!isHolder(name) && name !== "__esModule") add(name, value);
  if ("default" in module) add("default", module["default"]);
  if (found.length === 0) throw new Error(`it exports no command and no check: ${expected}`);
  return found;
}

const isHolder = (name: string): boolean => name === "default" || name === "module.exports";
const expected = "every export must be one, with at least name and run, or a list of them";

function adopted(exported: readonly Named[]): Added {
  const own = { commands: [] as Command[], checks: [] as Check[] };
  for (const { name, value } of exported) {
    try {
      if (isCommandLike(value)) own.commands.push(adoptCommand(value));
      else own.checks.push(adoptCheck(value));
    } catch (thrown) {
      throw new Error(`${name}: ${messageOf(thrown)}`, { cause: thrown });
    }
  }
  return own;
}
