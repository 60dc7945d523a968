import type { Client } from "@modelcontextprotocol/client";
import * as z from "zod";
import { monotonicMs } from "../../base/stopwatch.js";
import { readTool, toolsOf, type ReadTools, type Tool } from "../tool.js";

const mostPages = 64;
const page = () => z.object({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });

/**
 * All pages, within so many milliseconds, each tool looked at by itself: one that is wrong does not lose the others, as it
 * would with the client's own list. What is left out is told.
 */
export async function listTools(client: Client, ms: number): Promise<ReadTools> {
  if (client.getServerCapabilities()?.tools === undefined) return { tools: [], leftOut: [] };
  const all: (Tool | string)[] = [];
  const end = monotonicMs() + ms;
  const known = new Set<string>();
  let cursor: string | undefined;
  for (let count = 0; count < mostPages; count++) {
    const { tools, nextCursor } = await client.request(
      { method: "tools/list", params: cursor === undefined ? {} : { cursor } },
      page(),
      { timeout: Math.max(1, end - monotonicMs()) },
    );
    for (const tool of tools) all.push(readTool(tool));
    if (nextCursor === undefined || known.has(nextCursor)) return toolsOf(all);
    known.add(nextCursor);
    cursor = nextCursor;
  }
  const { tools, leftOut } = toolsOf(all);
  return { tools, leftOut: [...leftOut, `what it lists behind ${mostPages} pages`] };
}
