import { isObject } from "../../base/json.js";
import { nearestName } from "../../base/names/edit-distance.js";
import { SettingsError } from "../../errors.js";
import type { Cell, Row } from "./table.js";

const placeholder = /\{([A-Za-z_][A-Za-z0-9_.-]*)\}/g;
const whole = /^\{([A-Za-z_][A-Za-z0-9_.-]*)\}$/;
/** In a regular expression `\p{Lu}` is a kind of letter. */
const placeholderOfPattern = /(?<!\\[pP])\{([A-Za-z_][A-Za-z0-9_.-]*)\}/g;
/** Characters that mean something in a regular expression, with the flag `u` or without. */
const meantInPattern = /[\\^$.*+?()[\]{}|/]/g;

/** What stands at a place of a settings file: what a row holds may become part of a text, of a pattern, and of an address, but not of a rule. */
type Kind = "text" | "pattern" | "address" | "rule";

/** Entries of the file that are carried out, or that allow something. */
const rules: ReadonlySet<string> = new Set(["approve", "protect", "extensions", "mcpServers", "tools", "hooks"]);

/** The keys that lead to a place, and what is there. */
function kindOf(keys: readonly string[]): Kind {
  const [first = "", , second, , fourth] = keys;
  if (rules.has(first)) return "rule";
  // [ai_goals, N, checks, N, NAME, …] and [must_not, N, NAME, …]
  const check = first === "must_not" ? second : first === "ai_goals" && second === "checks" ? fourth : undefined;
  const field = keys.at(-1);
  if (check === "run") return "rule";
  if (check === "http" && (field === "http" || field === "url")) return "address";
  return check !== undefined && field === "pattern" ? "pattern" : "text";
}

type Change = (text: string, keys: readonly string[]) => unknown;

/** The value with what `change` makes of each text in it, which gets the keys that lead there; it sees the keys of rules as well. */
function changed(value: unknown, keys: readonly string[], change: Change): unknown {
  if (Array.isArray(value)) return value.map((one, index) => changed(one, [...keys, String(index)], change));
  if (!isObject(value)) return typeof value === "string" ? change(value, keys) : value;
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => {
    const at = [...keys, key];
    if (kindOf(at) === "rule") change(key, at);
    return [key, changed(one, at, change)];
  });
  return Object.fromEntries(entries);
}

/** The names of columns for which a settings file has a place, each once, in their order; those in commands and rules are not meant so. */
export async function columnsIn(text: string): Promise<string[]> {
  const { default: yaml } = await import("yaml");
  const names = new Set<string>();
  changed(yaml.parse(text), [], (one, keys) => {
    const kind = kindOf(keys);
    if (kind === "rule") return one;
    for (const [, name = ""] of one.matchAll(kind === "pattern" ? placeholderOfPattern : placeholder)) names.add(name);
    return one;
  });
  return [...names];
}

/**
 * The text of a settings file with a row's values in the place of `{column}`, as JSON, which is YAML. Values are put into texts that have
 * been read: whatever a table holds, it becomes part of a text and nothing else; in a pattern it is found as it stands, and in an address it is
 * percent-encoded. Throws SettingsError for a column that is not there, and for one within a command or a rule.
 */
export async function fillSettings(file: string, text: string, { where, values }: Row): Promise<string> {
  const { default: yaml } = await import("yaml");
  const valueOf = (name: string): Cell => {
    const value = values.get(name);
    if (value !== undefined) return value;
    const near = nearestName(name, values.keys());
    const columns = [...values.keys()].map((one) => JSON.stringify(one)).join(", ");
    throw new SettingsError(
      `${where} has no column ${JSON.stringify(name)}, which ${file} asks for; ${near === undefined ? `there are ${columns}.` : `did you mean ${JSON.stringify(near)}?`}`,
    );
  };
  const filled = changed(yaml.parse(text), [], (one, keys) => {
    switch (kindOf(keys)) {
      case "rule": {
        const [, column] = [...one.matchAll(placeholder)].find(([, name = ""]) => values.has(name)) ?? [];
        if (column === undefined) return one;
        throw new SettingsError(
          `${file}: {${column}} stands in ${keys.join(".")}, which is carried out, or allows something. A table fills texts only: have the value written to a file by a goal, and let the command read that.`,
        );
      }
      case "pattern":
        return one.replace(placeholderOfPattern, (_all, name: string) =>
          String(valueOf(name)).replace(meantInPattern, "\\$&"),
        );
      case "address":
        return one.replace(placeholder, (_all, name: string) => encodeURIComponent(String(valueOf(name))));
      case "text": {
        const [, only] = whole.exec(one) ?? [];
        if (only !== undefined) return valueOf(only);
        return one.replace(placeholder, (_all, name: string) => String(valueOf(name)));
      }
    }
  });
  return JSON.stringify(filled, null, 2);
}
