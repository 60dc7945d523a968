import { isMap } from "yaml";
import { entriesOf, followed, textOf } from "./nodes.js";
import { parseSettingsYaml } from "./yaml.js";

/** `mcpServers` of the text of an ai_settings.yaml, each server by its name; null where there is none. Throws SettingsError. */
export function parseServers(text: string, file: string): Readonly<Record<string, unknown>> | null {
  if (!/^[ \t]*["']?mcpServers\b/m.test(text)) return null;
  const yaml = parseSettingsYaml(text, file, { schema: "failsafe" });
  const servers = followed(yaml, entriesOf(yaml, yaml.document.contents)?.get("mcpServers") ?? null);
  if (textOf(servers) === "") return null;
  if (!isMap(servers))
    throw yaml.problem(
      servers,
      'mcpServers must name servers, each with "command" and "args", or with "url", on lines below its name.',
    );
  return servers.toJS(yaml.document) as Record<string, unknown>;
}
