import * as z from "zod";
import { FailedRequest, RefusedRequest } from "../http/errors.js";
import type { ImageAnswer, ImageModel, ImageRequest } from "../model.js";
import type { OpenAiModelOptions } from "./post.js";
import { parseJson } from "../../base/json.js";
import { mostTokens } from "../tokens.js";
import { failureOf } from "./learned/explain-refusal.js";
import { errorWithin } from "./streamed-answer.js";
import { readUsage, settledUsage, usageFields } from "./usage.js";

const sizes = ["1024x1024", "1536x1024", "1024x1536", "auto"];

const answer = z.object({
  data: z.tuple([z.object({ b64_json: z.string().min(1) })], z.unknown()),
  usage: z.unknown().optional(),
});

/** OpenAI's models for pictures: one request a call, no retries. Throws FailedRequest. */
export function openAiImages(options: OpenAiModelOptions): ImageModel {
  const { server, entry } = options;
  return {
    name: entry.name,
    async send(request) {
      // Models of other vendors give an address unless they are asked for the bytes.
      const known = entry.name.startsWith("gpt-image");
      const parameters = {
        size: known ? knownSize(request.size) : fullSize(request.size),
        ...(!known && { response_format: "b64_json" }),
      };
      const order = { model: entry.name, prompt: request.prompt, n: 1 };
      const sent = Object.entries(parameters).filter(
        ([name]) => !server.capabilities.of(entry.name).refused.includes(name),
      );
      try {
        const body = await server.post(
          "/images/generations",
          { ...order, ...Object.fromEntries(sent) },
          request.signal,
        );
        const read = await readAnswer(body ?? "", options, request);
        server.capabilities.learn(entry.name, { proven: true });
        return read;
      } catch (thrown) {
        if (!(thrown instanceof RefusedRequest)) throw thrown;
        throw failureOf(thrown, { ...options, model: entry.name, sent: sent.map(([name]) => name) });
      }
    },
  };
}

async function readAnswer(
  body: string,
  { entry, server, counter }: OpenAiModelOptions,
  { prompt }: ImageRequest,
): Promise<ImageAnswer> {
  const json = parseJson(body);
  const trouble = errorWithin(json);
  if (trouble) throw new RefusedRequest(trouble.status, trouble.errorBody);
  const parsed = answer.safeParse(json);
  if (!parsed.success) {
    const message = `${server.address} answered the request to ${entry.name} with something that holds no picture.`;
    throw new FailedRequest("not-a-completion", message, { billed: "reservation" });
  }
  const { data, usage } = parsed.data;
  const counted = await settledUsage(readUsage(usageFields(usage)), {
    entry,
    counter,
    sentTokens: () => mostTokens(prompt, counter) + 4,
    generated: "",
    // A picture is always paid for, so a server that reports 0 tokens for it does not count them.
    cutAt: entry.prices ? (entry.maxOutputTokens ?? 0) : 0,
  });
  return { bytes: Buffer.from(data[0].b64_json, "base64"), usage: counted };
}

/** `512` → `512x512`. */
export const fullSize = (size: string): string => (/^\d+$/.test(size) ? `${size}x${size}` : size);

/** The size itself where the models take it, else the smallest of the same shape that they take. */
function knownSize(size: string): string {
  const full = fullSize(size);
  if (sizes.includes(full)) return full;
  const [width = 0, height = 0] = full.split("x").map(Number);
  return width > height ? "1536x1024" : width < height ? "1024x1536" : "1024x1024";
}
