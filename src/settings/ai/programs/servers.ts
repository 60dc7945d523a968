import { isMap, isSeq } from "yaml";
import { entriesOf, followed, textOf } from "../nodes.js";
import { parseSettingsYaml, type SettingsYaml } from "../yaml.js";

/** What ai_settings.yaml says of MCP servers, none of it looked at yet. */
export type WrittenMcp = {
  /** `mcpServers`: each server by its name; null where there is none. */
  servers: Readonly<Record<string, unknown>> | null;
  /** `tools`: the servers, or tools of them, that the run has; null where it has all. */
  tools: readonly string[] | null;
};

/** `mcpServers` and `tools` of the text of an ai_settings.yaml. Throws SettingsError. */
export function parseServers(text: string, file: string): WrittenMcp {
  if (!/\b(?:mcpServers|tools)\b/.test(text)) return { servers: null, tools: null };
  const yaml = parseSettingsYaml(text, file, { schema: "failsafe" });
  const entries = entriesOf(yaml, yaml.document.contents);
  return { servers: serversIn(yaml, entries?.get("mcpServers")), tools: toolsIn(yaml, entries?.get("tools")) };
}

function serversIn(yaml: SettingsYaml, node: unknown): WrittenMcp["servers"] {
  const servers = followed(yaml, node ?? null);
  if (textOf(servers) === "") return null;
  if (!isMap(servers))
    throw yaml.problem(
      servers,
      'mcpServers must name servers, each with "command" and "args", or with "url", on lines below its name.',
    );
  return servers.toJS(yaml.document) as Record<string, unknown>;
}

function toolsIn(yaml: SettingsYaml, node: unknown): WrittenMcp["tools"] {
  const tools = followed(yaml, node ?? null);
  if (textOf(tools) === "") return null;
  const listed = isSeq(tools) ? tools.items : [tools];
  return listed.map((each) => {
    const name = textOf(followed(yaml, each));
    if (name) return name;
    throw yaml.problem(
      followed(yaml, each) ?? tools,
      "tools must be a list of MCP servers, or of tools of theirs such as files.read_*, on lines of their own.",
    );
  });
}
