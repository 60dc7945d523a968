import * as z from "zod";
import { parseJson } from "../../base/json.js";

/** A server on this computer that answers; `models`: those that it can chat with. */
export type LocalServer = { name: string; address: string; models: string[] };

/** The usual ports of programs that serve models. */
const usualPorts: readonly (readonly [name: string, port: number])[] = [
  ["Ollama", 11434],
  ["LM Studio", 1234],
  ["llama.cpp", 8080],
  ["vLLM", 8000],
  ["Jan", 1337],
];

/** What runs here answers at once; a port without a server refuses at once. */
const longestWaitMs = 700;
const listed = z.object({ data: z.array(z.object({ id: z.string() })).min(1) });

/** Asks the usual ports of this computer, and no other, side by side which models are served there. Never rejects for one that is not. */
export async function findLocalServers(signal: AbortSignal, ports = usualPorts): Promise<LocalServer[]> {
  const found = await Promise.all(
    ports.map(async ([name, port]): Promise<LocalServer | null> => {
      const address = `http://127.0.0.1:${port}/v1`;
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(longestWaitMs)]);
        const response = await fetch(`${address}/models`, { redirect: "error", signal: limit });
        const parsed = response.ok ? listed.safeParse(parseJson(await response.text())) : null;
        const models = parsed?.success ? chatModels(parsed.data.data.map(({ id }) => id)) : [];
        return models.length === 0 ? null : { name, address, models };
      } catch {
        return null;
      }
    }),
  );
  signal.throwIfAborted();
  return found.filter((server) => server !== null);
}

const otherKinds =
  /embed|\bbge\b|\bgte\b|minilm|rerank|whisper|\btts\b|dall-e|gpt-image|moderation|transcribe|realtime|audio|\bsora\b|stable-diffusion|\bflux\b|davinci-002|babbage-002|turbo-instruct/i;

/** The models of a server's list that one can chat with, by their names. */
export const chatModels = (ids: readonly string[]): string[] => ids.filter((id) => !otherKinds.test(id));
