import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";
import { parseJson } from "../../base/json.js";
import type { ModelServer } from "../http/server.js";
import { replaceFile } from "../../base/files.js";

/** What a server says about one model that it offers; `retires` is a day, YYYY-MM-DD. */
export type ListedModel = { id: string; retires: string | null };

/** `anyName`: the server takes any name, so a model that is not in the list need not be missing. */
export type ModelList = { models: ListedModel[]; anyName: boolean };

const dayMs = 86_400_000;

const listed = z.object({
  id: z.string(),
  shutdown_date: z.iso.date().nullish().catch(null),
  owned_by: z.string().nullish().catch(null),
});
const answer = z.object({ data: z.array(listed) });
const model = z.object({ id: z.string(), retires: z.string().nullable() });
const list = z.object({ models: z.array(model), anyName: z.boolean() });
const cache = z.object({
  format: z.literal(1),
  servers: z.record(z.string(), list.extend({ asked: z.iso.datetime() })),
});

export type ListOptions = { server: ModelServer; file: string; signal: AbortSignal; now?: Date };

/** The models that a server offers, by its answer of the last day or a new one. Throws as `server.get` does. */
export async function listModels({ server, file, signal, now = new Date() }: ListOptions): Promise<ModelList> {
  const servers = await readCache(file);
  const known = servers[server.address];
  // Where the clock was set back, an answer of the future is none of the last day.
  if (known && Math.abs(now.getTime() - Date.parse(known.asked)) < dayMs) return known;
  const fresh = await askForModels(server, signal);
  await writeCache(file, { ...servers, [server.address]: { ...fresh, asked: now.toISOString() } });
  return fresh;
}

/** Asks anew, whatever is known. An answer that is no list of models is an empty one. */
export async function askForModels(server: ModelServer, signal: AbortSignal): Promise<ModelList> {
  const parsed = answer.safeParse(parseJson((await server.get("/models", signal)).text));
  const data = parsed.success ? parsed.data.data : [];
  return {
    models: data.map(({ id, shutdown_date: retires }) => ({ id, retires: retires ?? null })),
    // llama.cpp serves one model under whatever name it is asked; Azure lists models, but is asked for deployments.
    anyName: data.length === 0 || server.isAzure || data.every(({ owned_by: owner }) => owner === "llamacpp"),
  };
}

type Cached = z.infer<typeof cache>["servers"];

async function readCache(file: string): Promise<Cached> {
  const text = await readFile(file, "utf8").catch(() => "");
  const parsed = cache.safeParse(parseJson(text));
  return parsed.success ? parsed.data.servers : {};
}

async function writeCache(file: string, servers: Cached): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await replaceFile(file, `${JSON.stringify({ format: 1, servers }, null, 2)}\n`);
  } catch {
    // Without the file, the list is asked for again by the next run.
  }
}
