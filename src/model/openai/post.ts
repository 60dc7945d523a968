import type { ModelEntry } from "../catalog/model-entry.js";
import { oneLine, readErrorBody } from "../http/error-body.js";
import { FailedRequest, RefusedRequest } from "../http/errors.js";
import type { ModelServer } from "../http/server.js";
import type { TokenCounter } from "../tokens.js";
import { failureOf, type Refused } from "./learned/explain-refusal.js";

export type OpenAiModelOptions = {
  server: ModelServer;
  entry: ModelEntry;
  /** The setting that chose the model, for messages: SMART_LLM_MODEL, FAST_LLM_MODEL, EMBEDDING_MODEL. */
  setting: string;
  /** Counts what the server does not report. */
  counter: TokenCounter;
  /** The name under which Azure knows the model, where that is another one. */
  deployment?: string | undefined;
};

export type Sending = Pick<Refused, "sent" | "answerTokens" | "asked" | "change"> & {
  signal: AbortSignal;
  onData?: (data: string) => void;
  /** Whether a part of the answer has come. */
  begun?: () => boolean;
};

/** Sends a request and reads its answer; a refusal is explained, wherever in the answer it stands. */
export async function post<Answer>(
  options: OpenAiModelOptions,
  path: string,
  body: Parameters<ModelServer["post"]>[1],
  { signal, onData, begun = () => false, ...sending }: Sending,
  read: (body: string | null) => Answer,
): Promise<Answer> {
  try {
    return read(await options.server.post(path, body, signal, onData));
  } catch (thrown) {
    if (!(thrown instanceof RefusedRequest)) throw thrown;
    throw failureOf(thrown, { ...options, model: body.model, ...sending, begun: begun() });
  }
}

export function notAnAnswer({ server, entry }: OpenAiModelOptions, body: string, expected: string): FailedRequest {
  const line = oneLine(readErrorBody(body).message, server.apiKey, 100);
  return new FailedRequest(
    "not-a-completion",
    `${server.address} answered the request to ${entry.name} with something that is no ${expected}` +
      (line ? `: "${line}".` : "."),
    { advice: ifThatGoesOn, billed: "reservation" },
  );
}

export const ifThatGoesOn = "If that goes on, check OPENAI_API_BASE_URL.";
