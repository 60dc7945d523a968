import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { parseJson } from "../base/json.js";
import { changeTrusted, type Trust } from "../extensions/trust.js";
import { identityOf, type ServerConfig } from "./config.js";
import { toolForm } from "./tool.js";

const pin = () =>
  z.object({
    server: z.string(),
    identity: z.string(),
    tools: z.array(toolForm()).readonly().nullable(),
    offered: z.array(toolForm()).readonly().optional(),
  });

/** What was agreed with a server: that it may be started, and which tools it had then; null before it was started once. */
export type Pin = z.infer<ReturnType<typeof pin>>;

/** Beside the file that keeps which extensions are trusted. */
const fileOf = ({ file }: Pick<Trust, "file">): string => join(dirname(file), "mcp-servers.json");

/** The identity of a server in a folder: another command, address or folder is another server. */
export const identityIn = (config: ServerConfig): string =>
  createHash("sha256")
    .update(JSON.stringify(identityOf(config)))
    .digest("hex");

/** All that was agreed; what cannot be read was not. */
export const readPins = async (trust: Pick<Trust, "file">): Promise<readonly Pin[]> =>
  pinsIn(await readFile(fileOf(trust), "utf8").catch(() => ""));

const pinsIn = (text: string): readonly Pin[] =>
  z.object({ servers: z.array(pin()) }).safeParse(parseJson(text)).data?.servers ?? [];

/**
 * Keeps what was agreed, in the place of what was before with the same servers; servers that start at the same time, in
 * other runs as well, lose nothing of each other's. Throws SettingsError where it cannot be kept.
 */
export const keepPins = (trust: Pick<Trust, "file">, agreed: readonly Pin[]): Promise<void> =>
  changeTrusted(fileOf(trust), "MCP servers", (text) => {
    const others = pinsIn(text).filter(
      (one) => !agreed.some(({ server, identity }) => server === one.server && identity === one.identity),
    );
    return { servers: [...others, ...agreed] };
  });

export const pinOf = (pins: readonly Pin[], config: ServerConfig): Pin | undefined => {
  const identity = identityIn(config);
  return pins.find((one) => one.server === config.name && one.identity === identity);
};
