import { nearestAmong } from "../../base/names/edit-distance.js";
import { variableNames } from "../read-value.js";
import { declaredSettings } from "../schema.js";
import type { Layer } from "./layers.js";

/** A variable that is no setting, but nearly has the name of one. `setIn` says where. */
export type Misspelt = { name: string; setIn: string; nearest: string };

/** The shortest name that is looked at: shorter ones are near to others by chance. */
const shortest = 6;

/** The variables that are probably misspelt settings. A name that another program may use is left alone. */
export function misspeltSettings(layers: readonly Layer[]): Misspelt[] {
  const known = new Set(declaredSettings().flatMap(([, setting]) => variableNames(setting)));
  const nearestOf = nearestAmong(known);
  return layers.flatMap(({ values, placeOf }) =>
    Object.keys(values).flatMap((name) => {
      if (name.length < shortest || known.has(name)) return [];
      const nearest = nearestOf(name.toUpperCase());
      return nearest === undefined ? [] : [{ name, setIn: placeOf(name), nearest }];
    }),
  );
}
