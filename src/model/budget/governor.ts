import { nanoPerDollar, noUsage } from "../../history/totals.js";
import { BudgetError } from "../../errors.js";
import { account, recordReservation, type Accounts, type Attempt, type ReserveShared } from "./settle.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import { reserveSchema, sensibleAnswer } from "./chat-size.js";
import { isFar, leastAnswer, mostFor } from "./outlook.js";
import { withRetrieval } from "./retrieve.js";
import { createReserve, type Reserve } from "./reserve.js";
import { openBudget, type BudgetLimits, type Budget, type Reservation } from "./budget.js";
import type {
  Answer,
  Call,
  ChatModel,
  ChatRequest,
  EmbeddingModel,
  EmbeddingRequest,
  EmitModelEvent,
  ImageModel,
  Model,
} from "../model.js";
import type { Purpose, Totals, Usage } from "../../history/event-parts.js";
import { toolTokens } from "../native-calls.js";
import { createTokenCounter, mostPromptTokens, mostTokens, type TokenCounter } from "../tokens.js";

export type GovernorOptions = {
  limits: BudgetLimits;
  /** What the run has used before it was resumed. */
  spent?: Totals | undefined;
  emit: EmitModelEvent;
  /**
   * Sets aside what a request may cost at most, in nano-dollars, in a budget that other runs share. Throws BudgetError where it does not
   * fit. What the request took is read from the journal.
   */
  reserveShared?: ReserveShared | undefined;
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
  /** The same for pictures; the most tokens of one are the entry's `maxOutputTokens`. */
  images(model: ImageModel, entry: ModelEntry, counter?: TokenCounter): ImageModel;
  /**
   * Sends what has a flat price, such as spoken characters, under the same limits; `usd` is undefined where the price is
   * not known: it then counts as a request that costs nothing. Throws BudgetError, or what `send` throws.
   */
  flatCharge<Given>(charge: FlatCharge, send: () => Promise<Given>): Promise<Given>;
  /** What is held back for the last request of the loop, which asks this model. */
  reserveFor(entry: ModelEntry, counter: TokenCounter): Reserve;
  totals(): Totals;
}

export type FlatCharge = Call & {
  purpose: Purpose;
  model: string;
  usd: number | undefined;
  /** Whether a failure is a refusal, which costs nothing; any other may be paid for and counts in full. */
  isRefusal(thrown: unknown): boolean;
};

/** One budget for all models it is asked to wrap; calls may run at the same time. */
export function createGovernor({ limits, spent, emit, reserveShared }: GovernorOptions): Governor {
  const accounts: Accounts = { budget: openBudget(limits, spent), emit, ...(reserveShared && { reserveShared }) };
  return {
    chat: (model, entry, counter = createTokenCounter(entry)) => governChat(accounts, model, entry, counter),
    embeddings: (model, entry, counter = createTokenCounter(entry)) =>
      governEmbeddings(accounts, model, entry, counter),
    images: (model, entry, counter = createTokenCounter(entry)) => governImages(accounts, model, entry, counter),
    flatCharge: (charge, send) => sendAtFlatPrice(accounts, charge, send),
    reserveFor: (entry, counter) => createReserve(accounts.budget, entry, counter, () => accounts.lastThought),
    totals: accounts.budget.totals,
  };
}

/** What is particular to one kind of request. */
type Governed<Request, Given> = {
  kind: Attempt["kind"];
  purpose(request: Request): Purpose;
  /** Sets the worst case of a request aside. `allowed` is the request that fits into it. Throws BudgetError. */
  reserve(request: Request): Promise<{ reservation: Reservation; allowed: Request }>;
  /** What the journal shows of the answer. */
  shown?(given: Given, purpose: Purpose): Partial<Pick<Answer, "text" | "finishReason" | "reasoning">>;
};

function governed<Request extends Call, Given extends { usage: Usage }>(
  accounts: Accounts,
  model: Model<Request, Given>,
  entry: ModelEntry,
  { kind, purpose: purposeOf, reserve, shown }: Governed<Request, Given>,
): Model<Request, Given> {
  return {
    name: model.name,
    async send(request) {
      const { reservation, allowed } = await reserve(request);
      const { step, signal } = request;
      const purpose = purposeOf(request);
      const attempt = { kind, step, signal, purpose, model: model.name, entry, reservation };
      return account(
        accounts,
        attempt,
        () => model.send(allowed),
        (given) => {
          if (purpose === "think") accounts.lastThought = given.usage;
          return shown?.(given, purpose) ?? {};
        },
      );
    },
  };
}

function governChat(accounts: Accounts, model: ChatModel, entry: ModelEntry, counter: TokenCounter): ChatModel {
  const ready = exactNearLimits(accounts.budget, entry, counter);
  const setAside = (request: ChatRequest) => {
    const { messages, replySchema } = request;
    const wanted = sensibleAnswer(entry, request, counter);
    const least = Math.min(leastAnswer, wanted);
    const promptTokens = mostPromptTokens(messages, counter) + toolTokens(request.tools);
    const withSchema = reserveSchema(accounts.budget, entry, promptTokens, { wanted, replySchema });
    return { withSchema, reservation: withSchema ?? accounts.budget.reserve(entry, promptTokens, { wanted, least }) };
  };
  const asked = governed(accounts, model, entry, {
    kind: "chat",
    purpose: ({ purpose }) => purpose,
    async reserve(request) {
      await ready(() => mostPromptTokens(request.messages, counter), request.answerTokens);
      const { withSchema, reservation } = await countedIfNeeded(counter, () => setAside(request));
      const allowed: ChatRequest = { ...request, answerTokens: reservation.answerTokens };
      allowed.onWaiting = (response) => waitsFor(accounts, model, request, response);
      if (!withSchema) delete allowed.replySchema;
      return { reservation, allowed };
    },
    shown: ({ text, finishReason, reasoning }, purpose) =>
      purpose === "think" ? { text, finishReason, ...(reasoning && { reasoning }) } : {},
  });
  return withRetrieval(accounts, entry, model, asked);
}

/** On record before the wait, so that a resume finds the answer instead of paying for another one. */
const waitsFor = (
  accounts: Accounts,
  { name }: ChatModel,
  { step, purpose }: ChatRequest,
  response: string,
): Promise<void> => accounts.emit({ type: "model-waiting", step, purpose, model: name, response });

function governEmbeddings(
  accounts: Accounts,
  model: EmbeddingModel,
  entry: ModelEntry,
  counter: TokenCounter,
): EmbeddingModel {
  const ready = exactNearLimits(accounts.budget, entry, counter);
  const sizeOf = ({ texts }: EmbeddingRequest): number =>
    texts.reduce((sum, text) => sum + mostTokens(text, counter) + 1, 0);
  const setAside = (request: EmbeddingRequest): Reservation =>
    accounts.budget.reserve(entry, sizeOf(request), { wanted: 0, least: 0 });
  const counted = governed(accounts, model, entry, {
    kind: "embedding",
    purpose: () => "embedding",
    async reserve(request) {
      await ready(() => sizeOf(request), 0);
      return { reservation: await countedIfNeeded(counter, () => setAside(request)), allowed: request };
    },
  });
  // Without texts nothing is sent.
  return { name: model.name, send: (request) => (request.texts.length === 0 ? model : counted).send(request) };
}

const governImages = (accounts: Accounts, model: ImageModel, entry: ModelEntry, counter: TokenCounter): ImageModel =>
  governed(accounts, model, entry, {
    kind: "chat",
    purpose: () => "image",
    async reserve(request) {
      const tokens = entry.maxOutputTokens ?? 0;
      const reservation = await countedIfNeeded(counter, () => {
        const promptTokens = mostTokens(request.prompt, counter) + 4;
        return accounts.budget.reserve(entry, promptTokens, { wanted: tokens, least: tokens });
      });
      return { reservation, allowed: request };
    },
  });

async function sendAtFlatPrice<Given>(
  accounts: Accounts,
  { step, signal, purpose, model, usd, isRefusal }: FlatCharge,
  send: () => Promise<Given>,
): Promise<Given> {
  const nano = Math.ceil((usd ?? 0) * nanoPerDollar);
  const priced = usd !== undefined;
  const reservation = accounts.budget.reserveFlat(nano);
  await recordReservation(accounts, { step, signal, purpose, model, reservation }, priced);
  const settle = async (spent: number, usage: Usage, known = priced): Promise<void> => {
    const costUsd = accounts.budget.settleFlat(reservation, spent, usage, known);
    await accounts.emit({ type: "model-replied", step, purpose, usage, costUsd });
  };
  let given: Given;
  try {
    given = await send();
  } catch (thrown) {
    await (isRefusal(thrown) ? settle(0, noUsage, true) : settle(nano, { ...noUsage, estimated: true }));
    throw thrown;
  }
  await settle(nano, noUsage);
  return given;
}

/**
 * Loads the tokeniser where a limit or the model's window comes near. The first request, and those far from every limit, are reserved by the
 * estimate, which is higher: what it has too much is free again when the answer is there.
 */
function exactNearLimits(
  budget: Budget,
  entry: ModelEntry,
  counter: TokenCounter,
): (promptTokens: () => number, answerTokens: number) => Promise<void> {
  let calls = 0;
  return async (promptTokens, answerTokens) => {
    if (calls++ === 0 || counter.exact) return;
    const size = promptTokens();
    const isNearWindow = size + answerTokens > (entry.window ?? Infinity);
    if (isNearWindow || !isFar(mostFor(entry, size, answerTokens), budget.left())) await counter.load();
  };
}

/** Reserves by the estimate, and where that is too much by the exact count. Throws BudgetError. */
async function countedIfNeeded<Given>(counter: TokenCounter, reserve: () => Given): Promise<Given> {
  try {
    return reserve();
  } catch (thrown) {
    if (!(thrown instanceof BudgetError)) throw thrown;
    await counter.load();
    return reserve();
  }
}
