import { messageForPerson, ModelError } from "../errors.js";
import type { ChatModel } from "./model.js";

/** Asks `model`, and from the moment that its server does not offer it, `other`; `say` is told so once. */
export function withFallback(model: ChatModel, other: ChatModel, say: (text: string) => void): ChatModel {
  let current = model;
  return {
    get name() {
      return current.name;
    },
    async send(request) {
      try {
        return await current.send(request);
      } catch (thrown) {
        if (current === other || !(thrown instanceof ModelError) || thrown.kind !== "unknown-model") throw thrown;
        say(`${messageForPerson(thrown)} ${other.name} takes its place, as SMART_LLM_FALLBACK says.`);
        current = other;
        return other.send(request);
      }
    },
  };
}
