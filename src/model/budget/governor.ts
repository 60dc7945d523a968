import { noUsage } from "../../history/totals.js";
import { BudgetError } from "../../errors.js";
import { account, announce, type Accounts } from "./settle.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import { openLedger, type BudgetLimits, type Ledger, type Reservation } from "./ledger.js";
import type {
  Answer,
  Call,
  ChatModel,
  ChatRequest,
  EmbeddingModel,
  EmitModelEvent,
  ImageModel,
  Message,
  ReplySchema,
} from "../model.js";
import type { Totals, Purpose } from "../../history/event-parts.js";
import { nanoPerDollar } from "../catalog/price.js";
import { createTokenCounter, type TokenCounter } from "../tokens.js";

export type GovernorOptions = {
  limits: BudgetLimits;
  /** What the run has used before it was resumed. */
  spent?: Totals | undefined;
  emit: EmitModelEvent;
};

/** Counts what all models of a run use, and sends nothing that could exceed a limit. */
export interface Governor {
  /**
   * The model under the run's limits: the worst case of each request is set aside and on record before it is sent, and
   * settled afterwards. The answer limit is lowered to what the budget pays for; what does not fit even so throws
   * BudgetError. It wraps the model itself, below the retries, so that every attempt counts.
   */
  chat(model: ChatModel, entry: ModelEntry, counter?: TokenCounter): ChatModel;
  embeddings(model: EmbeddingModel, entry: ModelEntry, counter?: TokenCounter): EmbeddingModel;
  /**
   * Sends what is paid by the piece, such as spoken characters, under the same limits; `usd` is undefined where the
   * price is not known: it then counts as a request that costs nothing. Throws BudgetError, or what `send` throws.
   */
  piece<Given>(piece: FlatCharge, send: () => Promise<Given>): Promise<Given>;
  /** The same for pictures; the most tokens of one are the entry's `maxOutputTokens`. */
  images(model: ImageModel, entry: ModelEntry, counter?: TokenCounter): ImageModel;
  totals(): Totals;
}

export type FlatCharge = Call & { purpose: Purpose; model: string; usd: number | undefined };

/** Answers are not cut below this many tokens to fit into a limit: a reply would hardly ever be complete. */
const leastAnswer = 500;

/** One set of books for all models it is asked to wrap; calls may run at the same time. */
export function createGovernor({ limits, spent, emit }: GovernorOptions): Governor {
  const books: Accounts = { ledger: openLedger(limits, spent), emit };
  return {
    chat: (model, entry, counter = createTokenCounter(entry)) => governChat(books, model, entry, counter),
    embeddings: (model, entry, counter = createTokenCounter(entry)) => governEmbeddings(books, model, entry, counter),
    piece: (piece, send) => governFlatCharge(books, piece, send),
    images: (model, entry, counter = createTokenCounter(entry)) => governImages(books, model, entry, counter),
    totals: books.ledger.totals,
  };
}

function governChat(books: Accounts, model: ChatModel, entry: ModelEntry, counter: TokenCounter): ChatModel {
  const ready = loadedFromSecondCall(counter);
  const setAside = (request: ChatRequest) => {
    const { messages, replySchema } = request;
    const wanted = sensibleAnswer(entry, request, counter);
    const least = Math.min(leastAnswer, wanted);
    const promptTokens = longestPrompt(messages, counter);
    const withSchema = reserveSchema(books.ledger, entry, promptTokens, { wanted, replySchema });
    return { withSchema, reservation: withSchema ?? books.ledger.reserve(entry, promptTokens, { wanted, least }) };
  };
  return {
    name: model.name,
    async chat(request) {
      await ready();
      const { step, signal, purpose } = request;
      const { withSchema, reservation } = await countedIfNeeded(counter, () => setAside(request));
      const attempt = { kind: "chat" as const, step, signal, purpose, model: model.name, entry, reservation };
      const sent: ChatRequest = { ...request, answerTokens: reservation.answerTokens };
      if (!withSchema) delete sent.replySchema;
      const send = () => model.chat(sent);
      return account(books, attempt, send, ({ text, finishReason }: Answer) =>
        purpose === "think" ? { text, finishReason } : {},
      );
    },
  };
}

function governEmbeddings(
  books: Accounts,
  model: EmbeddingModel,
  entry: ModelEntry,
  counter: TokenCounter,
): EmbeddingModel {
  const ready = loadedFromSecondCall(counter);
  return {
    name: model.name,
    async embed(texts, call) {
      if (texts.length === 0) return model.embed(texts, call);
      await ready();
      const promptTokens = texts.reduce((sum, text) => sum + mostTokens(text, counter) + 1, 0);
      const reservation = books.ledger.reserve(entry, promptTokens, { wanted: 0, least: 0 });
      const { step, signal } = call;
      const purpose = "embedding" as const;
      const attempt = { kind: purpose, step, signal, purpose, model: model.name, entry, reservation };
      return account(
        books,
        attempt,
        () => model.embed(texts, call),
        () => ({}),
      );
    },
  };
}

async function governFlatCharge<Given>(books: Accounts, piece: FlatCharge, send: () => Promise<Given>): Promise<Given> {
  const { step, signal, purpose, model, usd = 0 } = piece;
  const nano = Math.ceil(usd * nanoPerDollar);
  const reservation = books.ledger.reservePiece(nano);
  await announce(books, { step, signal, purpose, model, reservation });
  try {
    return await send();
  } finally {
    // Whether a request that failed was billed is not said, so it counts.
    const costUsd = books.ledger.settlePiece(reservation, nano);
    await books.emit({ type: "model-replied", step, purpose, usage: noUsage, costUsd });
  }
}

function governImages(books: Accounts, model: ImageModel, entry: ModelEntry, counter: TokenCounter): ImageModel {
  return {
    name: model.name,
    async generate(request) {
      await counter.load();
      const tokens = entry.maxOutputTokens ?? 0;
      const promptTokens = mostTokens(request.prompt, counter) + 4;
      const reservation = books.ledger.reserve(entry, promptTokens, { wanted: tokens, least: tokens });
      const { step, signal } = request;
      const attempt = {
        kind: "chat" as const,
        step,
        signal,
        purpose: "image" as const,
        model: model.name,
        entry,
        reservation,
      };
      const send = () => model.generate(request);
      return account(books, attempt, send, () => ({}));
    },
  };
}

/** The first request need not wait for the tokeniser: the estimate is the larger figure. */
function loadedFromSecondCall(counter: TokenCounter): () => Promise<void> {
  let calls = 0;
  return async () => {
    if (calls++ > 0) await counter.load();
  };
}

/** What does not fit by the estimate may fit by the count. Throws BudgetError. */
async function countedIfNeeded<Given>(counter: TokenCounter, reserve: () => Given): Promise<Given> {
  try {
    return reserve();
  } catch (thrown) {
    if (!(thrown instanceof BudgetError)) throw thrown;
    await counter.load();
    return reserve();
  }
}

/** The larger of the count and a third of the characters: tokenisers of other vendors may need more than ours. */
const mostTokens = (text: string, counter: TokenCounter) => Math.max(counter.count(text), Math.ceil(text.length / 3));

const longestPrompt = (messages: readonly Message[], counter: TokenCounter) =>
  messages.reduce((sum, { content }) => sum + mostTokens(content, counter) + 4, 3);

/**
 * Some servers bill the schema with the prompt. Near a limit it is left out, so that the answer has all that is left:
 * the prompt asks for the same form, and the parser judges it.
 */
function reserveSchema(
  ledger: Ledger,
  entry: ModelEntry,
  promptTokens: number,
  { wanted, replySchema }: { wanted: number; replySchema: ReplySchema | undefined },
): Reservation | undefined {
  if (replySchema === undefined) return undefined;
  const schemaTokens = Math.ceil(JSON.stringify(replySchema.schema).length / 3);
  try {
    return ledger.reserve(entry, promptTokens + schemaTokens, { wanted, least: wanted });
  } catch (thrown) {
    if (thrown instanceof BudgetError) return undefined;
    throw thrown;
  }
}

/** The answer limit that was asked for, within what the model can do. */
function sensibleAnswer(entry: ModelEntry, { messages, answerTokens }: ChatRequest, counter: TokenCounter): number {
  const asked = Math.max(1, Math.min(Math.floor(answerTokens), entry.maxOutputTokens ?? Infinity));
  const room = (entry.window ?? Infinity) - counter.messageTokens(messages);
  // Where the prompt leaves next to nothing, the server has to say so: the count may be too high.
  return Math.min(asked, Math.max(room, Math.min(asked, leastAnswer)));
}
