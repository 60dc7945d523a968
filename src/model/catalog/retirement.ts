import type { ModelEntry } from "./model-entry.js";
import type { ModelList } from "./model-list.js";

/** Something about a model that the user has to know: it is gone, it goes soon, or the server does not offer it. */
export type ModelNotice = {
  state: "missing" | "retired" | "ending";
  setting: string;
  model: string;
  /** The day it is shut down, YYYY-MM-DD, where that is known. */
  retires: string | null;
  replacement: string | null;
  /** What is wrong, and the setting that puts it right. */
  text: string;
};

/** A model is named when it ends within this many days. */
const noticeDays = 60;

/**
 * The notices about these models: by the server's own list where there is one, else by the catalog's dates. A model that
 * is not in the list is missing, unless the server takes any name.
 */
export function noticesAbout(models: readonly NamedEntry[], list: ModelList | null, today: Date): ModelNotice[] {
  return models.flatMap((model) => notice(model, list, today) ?? []);
}

/** `optional`: the run can do without it. `standIns`: models that could be used instead, best first. */
type NamedEntry = { entry: ModelEntry; setting: string; optional?: boolean; standIns?: readonly string[] };

function notice(
  { entry, setting, optional = false, standIns = [] }: NamedEntry,
  list: ModelList | null,
  today: Date,
): ModelNotice | undefined {
  const offered = list?.models.find(({ id }) => isSame(id, entry.name));
  const retires = offered?.retires ?? entry.retires ?? null;
  const replacement = entry.replacement ?? standIn(entry.name, standIns, list, today);
  const told = (state: ModelNotice["state"], what: string): ModelNotice => {
    const advice = replacement ? `Set ${setting}=${replacement}.` : `Choose another one in ${setting}.`;
    return {
      state,
      setting,
      model: entry.name,
      retires,
      replacement,
      text: `The model ${entry.name} ${what}. ${advice}`,
    };
  };
  const days = daysUntil(retires, today);
  if (days <= 0) return told("retired", `was shut down on ${retires}`);
  if (list && !list.anyName && !offered && !optional) return told("missing", "is not offered by the server");
  return days <= noticeDays ? told("ending", `is shut down on ${retires}, in ${days} days`) : undefined;
}

const daysUntil = (day: string | null, today: Date): number =>
  day === null ? Infinity : Math.ceil((Date.parse(day) - today.getTime()) / 86_400_000);

/** The first stand-in that the server offers and that does not end soon, else its only other model; null where there is none. */
function standIn(name: string, standIns: readonly string[], list: ModelList | null, today: Date): string | null {
  const lasting = (list?.models ?? []).filter(
    ({ id, retires }) => id !== name && daysUntil(retires, today) > noticeDays,
  );
  const found = standIns.find((one) => lasting.some(({ id }) => isSame(id, one)));
  return found ?? (standIns.length > 0 && lasting.length === 1 ? (lasting[0]?.id ?? null) : null);
}

/** `llama3` stands for `llama3:latest`; routers take names with a variant behind a colon. */
const isSame = (id: string, name: string): boolean =>
  id === name || id === `${name}:latest` || (name.includes(":") && id === name.slice(0, name.lastIndexOf(":")));
