/** What the model reads and writes: types only. */
export type Message = { role: "system" | "user" | "assistant"; content: string };

/** What a request is for; stands in the journal with every request. */
export type Purpose = "think" | "summary" | "agent" | "code" | "embedding" | "image" | "speech";

/** Who asks: the step it belongs to (0 before the first), and the signal that ends the wait. */
export type Call = { step: number; signal: AbortSignal };

/** Tokens of one request, as the server reported them; `estimated` when it reported none. */
export type Usage = { promptTokens: number; cachedTokens: number; completionTokens: number; estimated?: true };

/** Everything a run has used so far, all purposes together. `requests` counts requests that were sent, retries included. */
export type Totals = {
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  embeddingTokens: number;
  requests: number;
  costUsd: number;
};

/** `length`: cut at the answer limit, so never to be executed. */
export type FinishReason = "stop" | "length" | "other";
export type Answer = { text: string; finishReason: FinishReason; usage: Usage };

export type ChatRequest = Call & {
  purpose: Purpose;
  messages: readonly Message[];
  /** The most the answer may have, in tokens. The governor may lower it to what the budget pays for. */
  answerTokens: number;
  /** The form of the reply, enforced where the server can, otherwise only asked for by the prompt. */
  replySchema?: ReplySchema;
  /** Hears the answer as it comes, piece by piece; null: it begins, or begins again after a failure. */
  onText?: (piece: string | null) => void;
};

/** A JSON schema with its name; `strict` where it keeps to the part of the language that OpenAI enforces strictly. */
export type ReplySchema = { name: string; strict: boolean; schema: Record<string, unknown> };

/** One model behind one address. Wrappers (retry, governor) implement it and hold another one. */
export interface ChatModel {
  readonly name: string;
  /** Throws ModelError, BudgetError, or the reason of `signal` when it is aborted. */
  chat(request: ChatRequest): Promise<Answer>;
}

export type EmbeddingAnswer = { vectors: Float32Array[]; usage: Usage };

export interface EmbeddingModel {
  readonly name: string;
  /** One vector a text, in order, not necessarily of unit length. Throws as `chat` does. */
  embed(texts: readonly string[], call: Call): Promise<EmbeddingAnswer>;
}

export type ImageRequest = Call & {
  prompt: string;
  /** Width and height in pixels, or a size as the service names it. */
  size: string;
};
/** One picture, as bytes of whatever format the service gives. */
export type ImageAnswer = { bytes: Buffer; usage: Usage };

export interface ImageModel {
  readonly name: string;
  /** Throws as `chat` does. */
  generate(request: ImageRequest): Promise<ImageAnswer>;
}

/** What the governor and the retries report: written to the journal before the next act. */
export type ModelEvent =
  | {
      type: "model-requested";
      step: number;
      purpose: Purpose;
      model: string;
      reservedUsd: number;
      reservedTokens: number;
    }
  | {
      type: "model-retry";
      step: number;
      attempt: number;
      waitMs: number;
      problem: string;
      /** What the failed attempt counts for: nothing when the server refused it, its reservation when it may have worked. */
      usage: Usage;
      costUsd: number;
    }
  | { type: "model-failed"; step: number; problem: string; usage: Usage; costUsd: number }
  | {
      type: "model-replied";
      step: number;
      purpose: Purpose;
      text?: string;
      finishReason?: FinishReason;
      usage: Usage;
      costUsd: number;
    };
export type EmitModelEvent = (event: ModelEvent) => Promise<void>;
