import type { SetTimer } from "../../base/abort.js";
import type { Tape, TapedRequest } from "../../cassette/tape.js";
import type { EmbeddingCacheOptions } from "../../memory/embedding/cache.js";
import type { Embed } from "../../memory/memory.js";
import type { ImageModel } from "../../model/model.js";
import { embeddingsPath } from "../../model/openai/embeddings.js";
import type { RetryOptions } from "../../model/retry.js";
import type { OpenServer } from "../server.js";
import { withoutVectors, withSomeVectors } from "./taped-vectors.js";

/** The server behind a tape: requests go to it, or are answered from the record. */
export const withTape = (opened: OpenServer, tape: Tape | null): OpenServer => {
  if (tape === null) return opened;
  const { server } = opened;
  return {
    ...opened,
    server: {
      ...server,
      post: (path, body, signal, onData) =>
        path === embeddingsPath
          ? tapedVectors(tape, { path, body, signal }, () => server.post(path, body, signal))
          : tape.request({ path, body, signal, onData }, (hear) => server.post(path, body, signal, hear)),
      async get(path, signal) {
        // What a run waits for; the list of models decides nothing in it.
        if (!path.startsWith("/responses/")) return server.get(path, signal);
        const ask = async (): Promise<string> => (await server.get(path, signal)).text;
        return { text: (await tape.request({ path, body: {}, signal }, ask)) ?? "", dateHeader: null };
      },
    },
  };
};

/** A request for vectors, of which the record has how long they are. */
async function tapedVectors(
  tape: Tape,
  request: TapedRequest,
  send: () => Promise<string | null>,
): Promise<string | null> {
  let whole: string | null = null;
  const recorded = await tape.request(request, async () => {
    whole = await send();
    return whole === null ? null : withoutVectors(whole);
  });
  return whole ?? (recorded === null ? null : withSomeVectors(recorded));
}

/** How repeated requests wait: nobody does in a replay, and how long it would be decides how often a request is repeated. */
export const waitsOf = (tape: Tape | null | undefined): Pick<RetryOptions, "timer" | "chance"> => ({
  ...(tape?.replays === true && { timer: atOnce }),
  // Recordings from before have none.
  ...(tape && { chance: () => tape.reading<number | null>("chance", Math.random) ?? Math.random() }),
});

const atOnce: SetTimer = (call) => {
  const immediate = setImmediate(call);
  return () => clearImmediate(immediate);
};

/** Which vectors were kept already decides what the server is asked for. The vectors themselves decide nothing in a replay. */
export const tapedFinds = (tape: Tape | null): Pick<EmbeddingCacheOptions, "find"> =>
  tape === null
    ? {}
    : {
        async find(look) {
          let found: Map<string, Float32Array> | null = null;
          const { texts, dimension } = await tape.readingLater("vectors-kept", async () => {
            found = await look();
            return { texts: [...found.keys()], dimension: [...found.values()][0]?.length ?? 0 };
          });
          return found ?? new Map(texts.map((text) => [text, someVector(dimension)]));
        },
      };

/** What embeds on this machine. */
export const tapedEmbed = (embed: Embed, tape: Tape | null): Embed =>
  tape === null
    ? embed
    : async (texts, call) => {
        let vectors: Float32Array[] | null = null;
        const dimension = await tape.readingLater("vectors-made", async () => {
          vectors = await embed(texts, call);
          return vectors[0]?.length ?? 0;
        });
        return vectors ?? texts.map(() => someVector(dimension));
      };

const someVector = (dimension: number): Float32Array => new Float32Array(dimension).fill(1 / Math.sqrt(dimension || 1));

/** Pictures of services that speak another protocol than the models' server. */
export const tapedImages = (model: ImageModel, tape: Tape | null | undefined): ImageModel =>
  tape
    ? {
        name: model.name,
        send: (request) =>
          tape.outcome(
            "image",
            { prompt: request.prompt, size: request.size },
            () => model.send(request),
            request.signal,
          ),
      }
    : model;
