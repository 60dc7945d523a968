import type { McpServer } from "@agentclientprotocol/sdk";
import type { WrittenServers } from "../mcp/config.js";

/**
 * The MCP servers that an editor names, in the form of a settings file; undefined where it names none. Throws what `refuse` makes of a
 * sentence, for a transport that the protocol has given up.
 */
export function writtenServers(
  servers: readonly McpServer[],
  cwd: string,
  refuse: (message: string) => Error,
): WrittenServers | undefined {
  if (servers.length === 0) return undefined;
  const written = new Map<string, unknown>();
  for (const server of servers) written.set(freeName(server.name, written), formOf(server, cwd, refuse));
  return { file: "the editor", servers: Object.fromEntries(written) };
}

function formOf(server: McpServer, cwd: string, refuse: (message: string) => Error): object {
  if ("command" in server) return { command: server.command, args: server.args, env: pairs(server.env), cwd };
  if (server.type === "http") return { type: "http", url: server.url, headers: pairs(server.headers) };
  throw refuse(
    `The MCP server ${JSON.stringify(server.name)} is reached by SSE, which is not offered: use stdio or http.`,
  );
}

const pairs = (list: readonly { name: string; value: string }[]): Record<string, string> =>
  Object.fromEntries(list.map(({ name, value }) => [name, value]));

/** Names of servers are parts of commands' names: other signs than theirs become `_`. */
function freeName(given: string, taken: ReadonlyMap<string, unknown>): string {
  const plain = given.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 36) || "server";
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? plain : `${plain}_${count}`;
    if (!taken.has(name)) return name;
  }
}
