import { SettingsError } from "../errors.js";
import { readKeySource } from "./environment/key-source.js";
import type { Layer } from "./environment/layers.js";
import { isPlaceholder, isSet, readValue } from "./read-value.js";
import type { Source } from "./schema.js";
import type { Setting } from "./setting.js";

/** A setting's value, where it stands, and the folder that it starts from where it is a relative path. */
export type Found = { value: unknown; source: Source; folder: string };

type How = { environment: Layer["values"]; fetchKeys: boolean };

/** The value of a setting by the first of these layers that sets it, checked. Throws SettingsError. */
export async function valueIn(
  layers: readonly Layer[],
  setting: Setting<unknown>,
  how: How,
): Promise<Found | undefined> {
  for (const layer of layers) {
    const found = plainValue(layer, setting) ?? (setting.secret ? await keyValue(layer, setting, how) : undefined);
    if (found) return found;
  }
  return undefined;
}

function plainValue(layer: Layer, setting: Setting<unknown>): Found | undefined {
  for (const name of setting.environment ?? []) {
    const text = layer.values[name];
    if (layer.kind === "environment" && setting.shared?.test(text ?? "") === false) continue;
    if (!isSet(text)) continue;
    const source = sourceOf(layer, name);
    return { value: readValue(setting, text, source), source, folder: layer.folder };
  }
  return undefined;
}

/** A secret that a file or a command gives. */
async function keyValue(layer: Layer, setting: Setting<unknown>, how: How): Promise<Found | undefined> {
  for (const name of setting.environment ?? []) {
    for (const kind of ["file", "command"] as const) {
      const variable = `${name}_${kind.toUpperCase()}`;
      const written = layer.values[variable];
      if (!isSet(written)) continue;
      const source = sourceOf(layer, variable);
      const { folder } = layer;
      if (!how.fetchKeys) return { value: undefined, source, folder };
      const ofProject = layer.kind === "env-file";
      const { environment } = how;
      const key = await readKeySource({ kind, written, text: source.text, folder, ofProject, environment });
      return { value: readValue(setting, key, source), source, folder };
    }
  }
  return undefined;
}

/** Throws SettingsError for a value that cannot be meant. */
function sourceOf(layer: Layer, name: string): Source {
  const { kind } = layer;
  if (kind === "environment") return { kind, text: `${name} in ${layer.placeOf(name)}` };
  const text = `${name} in ${layer.placeOf(name)},`;
  const problem = layer.problemOf(name);
  if (problem !== null) throw new SettingsError(`${text} cannot be used: ${problem}.`);
  return { kind, text };
}

/** Where a setting has the placeholder of `.env.template` still; null where nowhere. */
export function placeholderIn(layers: readonly Layer[], { environment = [] }: Setting<unknown>): string | null {
  for (const { values, placeOf } of layers)
    for (const name of environment) if (isPlaceholder(values[name])) return placeOf(name);
  return null;
}
