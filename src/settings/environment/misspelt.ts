import type { EnvFile } from "./env-file.js";
import { nearestAmong } from "../../base/edit-distance.js";
import { declaredSettings } from "../schema.js";

/** A variable that is no setting, but nearly has the name of one. `setIn` says where. */
export type Misspelt = { name: string; setIn: string; nearest: string };

/** The shortest name that is looked at: shorter ones are near to others by chance. */
const shortest = 6;

/** The variables that are probably misspelt settings. A name that another program may use is left alone. */
export function misspeltSettings(
  environment: Readonly<Record<string, string | undefined>>,
  envFile: EnvFile,
): Misspelt[] {
  const known = new Set(declaredSettings().flatMap(([, setting]) => setting.environment ?? []));
  const set: [name: string, setIn: string][] = [
    ...Object.keys(environment).map((name): [string, string] => [name, "the environment"]),
    ...Object.keys(envFile.values).map((name): [string, string] => [name, `.env, line ${envFile.lineOf(name)}`]),
  ];
  const nearestOf = nearestAmong(known);
  return set.flatMap(([name, setIn]) => {
    if (name.length < shortest || known.has(name)) return [];
    const nearest = nearestOf(name.toUpperCase());
    return nearest === undefined ? [] : [{ name, setIn, nearest }];
  });
}
