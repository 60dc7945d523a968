import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { parseJson } from "../../../base/json.js";
import {
  createServerCapabilities,
  type KnownCapabilities,
  type ModelCapabilities,
  type ServerCapabilities,
} from "./capabilities.js";
import { replaceFileSync } from "../../../base/files.js";
import { limitParameters } from "../request-body.js";

/** Servers are updated: what was found out is asked again after a month. */
const validDays = 30;
/** What no server named may have been tried for a reason that is gone, such as a content filter. */
const guessedDays = 1;
const dayMs = 86_400_000;

const model = z.object({
  refused: z.array(z.string()).catch([]),
  reply: z.enum(["schema", "object", "text"]).optional().catch(undefined),
  shape: z.enum(["as-is", "alternating", "no-system"]).catch("as-is"),
  thinks: z.boolean().catch(false),
  mostAnswer: z.number().int().positive().optional().catch(undefined),
  guessed: z.boolean().optional().catch(undefined),
  usage: z.boolean().optional().catch(undefined),
  promptCache: z.boolean().optional().catch(undefined),
  api: z.enum(["chat", "responses"]).optional().catch(undefined),
  proven: z.boolean().catch(false),
  refusals: z.number().catch(0),
  learned: z.iso.datetime().catch(""),
});
const content = z.object({
  format: z.literal(1),
  servers: z.record(z.string(), z.record(z.string(), model)),
});
type Content = z.infer<typeof content>;

/** The capabilities of one address, read from `file` and kept there. It is a cache: a file that cannot be read counts as empty. */
export function openServerCapabilities(
  file: string,
  address: string,
  now: () => Date = () => new Date(),
): ServerCapabilities {
  const fresh = Object.entries(read(file).servers[address] ?? {}).filter(
    // Where the clock was set back, what was learned in the future is old.
    ([, { learned, guessed }]) =>
      Math.abs(now().getTime() - Date.parse(learned)) < (guessed ? guessedDays : validDays) * dayMs,
  );
  const known = Object.fromEntries(
    fresh.map(([name, { learned: _, refused, ...capabilities }]) => [
      name,
      { ...capabilities, refused: kept(refused) },
    ]),
  ) as KnownCapabilities;
  return createServerCapabilities(known, (name, capabilities) =>
    save(file, address, name, { ...capabilities, learned: now() }),
  );
}

/** That a model can be limited in neither way is asked again: an earlier version took a limit that was too large for that. */
const kept = (refused: readonly string[]): readonly string[] =>
  limitParameters.every((name) => refused.includes(name))
    ? refused.filter((name) => !limitParameters.includes(name))
    : refused;

function read(file: string): Content {
  try {
    const parsed = content.safeParse(parseJson(readFileSync(file, "utf8")));
    if (parsed.success) return parsed.data;
  } catch {
    // Nothing was found out yet, or it cannot be read: it is found out again.
  }
  return { format: 1, servers: {} };
}

/** Other runs may have written in the meantime: only this model's entry is replaced. */
function save(file: string, address: string, name: string, capabilities: ModelCapabilities & { learned: Date }): void {
  const { servers } = read(file);
  const after = { format: 1, servers: { ...servers, [address]: { ...servers[address], [name]: capabilities } } };
  try {
    mkdirSync(dirname(file), { recursive: true });
    replaceFileSync(file, `${JSON.stringify(after, null, 2)}\n`);
  } catch {
    // What cannot be kept is found out again by the next run.
  }
}
