import { noUsage } from "../../history/totals.js";
import { parseJson } from "../../base/json.js";
import { RefusedRequest } from "../http/errors.js";
import type { EmbeddingModel } from "../model.js";
import { mostTokens } from "../tokens.js";
import { readEmbeddings } from "./answers.js";
import { notAnAnswer, post, type OpenAiModelOptions } from "./post.js";
import { embeddingParameters } from "./request-body.js";
import { errorWithin } from "./streamed-answer.js";
import { settledUsage } from "./usage.js";

export const embeddingsPath = "/embeddings";

/** As `openAiChat`, for a model of embeddings. An empty text is sent as a space, which servers take. */
export function openAiEmbeddings(options: OpenAiModelOptions): EmbeddingModel {
  const { server, entry, counter } = options;
  const model = options.deployment ?? entry.name;
  return {
    name: entry.name,
    async send({ texts, signal }) {
      if (texts.length === 0) return { vectors: [], usage: noUsage };
      const input = texts.map((text) => text || " ");
      const parameters = embeddingParameters(server.capabilities.of(model));
      const sent = Object.keys(parameters);
      const answer = await post(options, embeddingsPath, { model, input, ...parameters }, { sent, signal }, (body) => {
        const trouble = errorWithin(parseJson(body ?? ""));
        if (trouble) throw new RefusedRequest(trouble.status, trouble.errorBody);
        const read = readEmbeddings(body ?? "", texts.length);
        if (!read) throw notAnAnswer(options, body ?? "", `list of ${texts.length} vectors of numbers`);
        return read;
      });
      server.capabilities.learn(model, { proven: true });
      const sentTokens = (): number => input.reduce((sum, text) => sum + mostTokens(text, counter) + 1, 0);
      const reported = answer.usage && { ...answer.usage, completionTokens: 0 };
      const usage = await settledUsage(reported, { entry, counter, sentTokens, generated: "" });
      return { vectors: answer.vectors, usage: { ...usage, completionTokens: 0 } };
    },
  };
}
