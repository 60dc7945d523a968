import { noUsage } from "../../history/totals.js";
import { RunError } from "../../errors.js";
import type { Usage } from "../../history/event-parts.js";
import type { ModelEntry } from "../catalog/model-entry.js";
import { FailedRequest } from "../http/errors.js";
import type { ChatModel, ChatRequest } from "../model.js";
import type { Accounts } from "./settle.js";

type Retrieve = NonNullable<ChatRequest["retrieve"]>;

/**
 * Takes an answer that was waited for when the run was killed, and asks `asked` where it cannot be had any more. What was set aside for
 * it has counted as spent since the kill. What it took is known now, and counts in the place of that; where nobody says what it took,
 * nothing changes.
 */
export const withRetrieval = (
  accounts: Accounts,
  entry: ModelEntry,
  model: ChatModel,
  asked: ChatModel,
): ChatModel => ({
  name: asked.name,
  async send({ retrieve, ...request }) {
    if (retrieve === undefined) return asked.send(request);
    const { emit } = accounts;
    const { step, purpose, signal } = request;
    try {
      const { text, finishReason, reasoning, ...given } = await model.send({ ...request, retrieve });
      const replied = { text, finishReason, ...(reasoning && { reasoning }) };
      const settled = settle(accounts, entry, retrieve, given.usage);
      await emit({ type: "model-replied", step, purpose, ...replied, ...settled });
      if (purpose === "think") accounts.lastThought = given.usage;
      return { ...given, ...replied };
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof RunError)) throw thrown;
      const billed = thrown instanceof FailedRequest && typeof thrown.billed === "object" ? thrown.billed : undefined;
      if (billed && retrieve.held) {
        const settled = settle(accounts, entry, retrieve, billed);
        await emit({ type: "model-retry", step, attempt: 1, waitMs: 0, problem: thrown.message, ...settled });
      }
      return asked.send(request);
    }
  },
});

/** Replaces what was set aside by what was used. */
function settle({ budget }: Accounts, entry: ModelEntry, { held }: Retrieve, usage: Usage) {
  if (!held) return { usage: noUsage, costUsd: 0 };
  const { model, reservedUsd, reservedTokens } = held;
  budget.takeBack(held);
  const nothingMore = { promptTokens: 0, answerTokens: 0, nano: 0 };
  return {
    usage,
    costUsd: budget.settle(nothingMore, entry, usage, "chat"),
    replaces: { model, reservedUsd, reservedTokens },
  };
}
