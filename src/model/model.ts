import type { FinishReason, KeptReasoning, Purpose, Usage } from "../history/event-parts.js";
import type { Tool } from "./native-calls.js";
import type { ModelEvent } from "../history/events.js";

/** What the model reads and writes: types only. */
export type Message = {
  role: "system" | "user" | "assistant";
  content: string;
  /** What the model thought before this reply of its. It is sent where the service wants it back, and nowhere else. */
  reasoning?: KeptReasoning;
};

/** Who asks: the step it belongs to (0 before the first), and the signal that ends the wait. */
export type Call = { step: number; signal: AbortSignal };

export type Answer = {
  text: string;
  finishReason: FinishReason;
  usage: Usage;
  /** The limit that it had, in tokens, where the model takes none as large as was asked for. */
  mostTokens?: number;
  /** What was thought before, where the service wants that back with later requests. */
  reasoning?: KeptReasoning;
};

export type ChatRequest = Call & {
  purpose: Purpose;
  messages: readonly Message[];
  /** The most the answer may have, in tokens. The governor may lower it to what the budget pays for. */
  answerTokens: number;
  /**
   * How many messages, from the first, later requests of the run begin with again, and the run's name: the server is asked to
   * keep the prompt up to there. Absent for a single request, of which nothing is to be kept.
   */
  repeated?: { messages: number; key: string };
  /** Is told the id of an answer that the server works on without a connection, before it is waited for. */
  onWaiting?: (response: string) => Promise<void>;
  /** An answer that was waited for when the run was killed: it is taken, where it still can be, instead of asking anew. */
  retrieve?: {
    model: string;
    response: string;
    /** What was set aside for it, and counts as spent since. */
    held?: { model: string; reservedUsd: number; reservedTokens: number; estimatedBesides: boolean } | null;
  };
  /** In place of the one that the settings name, where the model takes one. */
  temperature?: number;
  /** The form of the reply, enforced where the server can, otherwise only asked for by the prompt. */
  replySchema?: ReplySchema;
  /** Commands that may be called as tools of the server's, in place of a reply in its form. */
  tools?: readonly Tool[] | undefined;
  /** Is given the answer piece by piece as it comes; null before the first piece, and again when it starts over after a failure. */
  onText?: (piece: string | null) => void;
  /** Is given, piece by piece, what the server sends of the model's thinking apart from the answer; `onText(null)` begins it anew. */
  onThinking?: (piece: string) => void;
};

/** A JSON schema with its name; `strict` where it keeps to the part of the language that OpenAI enforces strictly. */
export type ReplySchema = { name: string; strict: boolean; schema: Record<string, unknown> };

/** One model behind one address: it takes requests of one kind. Wrappers (retry, governor) implement it and hold another one. */
export interface Model<Request extends Call, Given extends { usage: Usage }> {
  readonly name: string;
  /** Throws ModelError, BudgetError, or the reason of the request's signal when it is aborted. */
  send(request: Request): Promise<Given>;
}

export type ChatModel = Model<ChatRequest, Answer>;

export type EmbeddingRequest = Call & { texts: readonly string[] };
/** One vector a text, in order, not necessarily of unit length. */
export type EmbeddingAnswer = { vectors: Float32Array[]; usage: Usage };
export type EmbeddingModel = Model<EmbeddingRequest, EmbeddingAnswer>;

export type ImageRequest = Call & {
  prompt: string;
  /** Width and height in pixels, or a size as the service names it. */
  size: string;
};
/** One picture, as bytes of whatever format the service gives. */
export type ImageAnswer = { bytes: Buffer; usage: Usage };
export type ImageModel = Model<ImageRequest, ImageAnswer>;

export type EmitModelEvent = (event: ModelEvent) => Promise<void>;
