import { noUsage } from "../../history/totals.js";
import { RunError } from "../../errors.js";
import type { ChatModel } from "../model.js";
import type { Accounts } from "./settle.js";

/**
 * Takes an answer that was waited for when the run was killed, and asks `asked` where it cannot be had any more. What was set aside for
 * it counted as spent with the kill, so nothing more is reserved or charged.
 */
export const withRetrieval = ({ emit }: Accounts, model: ChatModel, asked: ChatModel): ChatModel => ({
  name: asked.name,
  async send({ retrieve, ...request }) {
    if (retrieve === undefined) return asked.send(request);
    const { step, purpose, signal } = request;
    try {
      const { text, finishReason, reasoning, ...given } = await model.send({ ...request, retrieve });
      const replied = { text, finishReason, ...(reasoning && { reasoning }) };
      await emit({ type: "model-replied", step, purpose, ...replied, usage: noUsage, costUsd: 0 });
      return { ...given, ...replied };
    } catch (thrown) {
      signal.throwIfAborted();
      if (!(thrown instanceof RunError)) throw thrown;
      return asked.send(request);
    }
  },
});
