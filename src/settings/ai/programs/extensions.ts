import { isSeq } from "yaml";
import { entriesOf, followed, textOf } from "../nodes.js";
import { parseSettingsYaml, type SettingsYaml } from "../yaml.js";

/** An extension as the file names it; `place` says where, for messages. */
export type NamedModule = { module: string; place: string };

/** The extensions that the text of an ai_settings.yaml names. Throws SettingsError naming file and line. */
export function parseExtensions(text: string, file: string): NamedModule[] {
  const yaml = parseSettingsYaml(text, file, { schema: "failsafe" });
  return extensionsOf(yaml, yaml.document.contents);
}

/** The same of a file that is parsed already. */
export function extensionsOf(yaml: SettingsYaml, top: unknown): NamedModule[] {
  const list = followed(yaml, entriesOf(yaml, top)?.get("extensions") ?? null);
  if (textOf(list) === "") return [];
  const expected =
    "extensions must be a list of modules, each on a line that begins with a dash: a path that begins with ./, or the " +
    "name of an installed package.";
  if (!isSeq(list)) throw yaml.problem(list, expected);
  return list.items.map((item) => {
    const module = textOf(followed(yaml, item));
    if (!module) throw yaml.problem(item ?? list, expected);
    return { module, place: yaml.place(item) };
  });
}
