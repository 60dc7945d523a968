import { isMap } from "yaml";
import * as z from "zod";
import { entriesOf, followed, textOf } from "../nodes.js";
import { parseSettingsYaml } from "../yaml.js";

/** `mcpServers` of ai_settings.yaml, for editors. */
export const serversForm = () =>
  z
    .record(z.string().regex(/^[A-Za-z0-9_-]{1,40}$/), z.looseObject({}))
    .nullish()
    .describe(
      "MCP servers, each by its name: command, args, env and cwd of a program, or url and headers of a server " +
        "elsewhere, as in .mcp.json. They run with your rights, so each needs your yes once",
    );

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
