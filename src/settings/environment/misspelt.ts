import type { EnvFile } from "./env-file.js";
import { nearestAmong } from "../../base/edit-distance.js";
import { declaredSettings } from "../schema.js";

/** A variable that is no setting, but nearly has the name of one. `place` says where it is set. */
export type Misspelt = { name: string; place: string; nearest: string };

/** Shorter names are too easily near to each other. */
const shortest = 6;

/** The variables that are probably misspelt settings. A name that another program may use is left alone. */
export function misspeltSettings(
  environment: Readonly<Record<string, string | undefined>>,
  envFile: EnvFile,
): Misspelt[] {
  const known = new Set(declaredSettings().flatMap(([, setting]) => setting.environment ?? []));
  const places: [name: string, place: string][] = [
    ...Object.keys(environment).map((name): [string, string] => [name, "the environment"]),
    ...Object.keys(envFile.values).map((name): [string, string] => [name, `.env, line ${envFile.lineOf(name)}`]),
  ];
  const nearestOf = nearestAmong(known);
  return places.flatMap(([name, place]) => {
    if (name.length < shortest || known.has(name)) return [];
    const nearest = nearestOf(name.toUpperCase());
    return nearest === undefined ? [] : [{ name, place, nearest }];
  });
}
