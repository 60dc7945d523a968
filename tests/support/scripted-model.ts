import type { Usage } from "../../src/history/event-parts.js";
import type { Answer, ChatModel, ChatRequest } from "../../src/model/model.js";

/** What a scripted model does with one request: it says a text, answers in full, or fails. */
export type ScriptedAnswer = string | Partial<Answer> | Error;
export type AnswerScript = readonly ScriptedAnswer[] | ((request: ChatRequest, index: number) => ScriptedAnswer);

export type ScriptedModel = ChatModel & { readonly requests: ChatRequest[] };

export const smallUsage: Usage = { promptTokens: 100, cachedTokens: 0, completionTokens: 10 };

/** A chat model inside the process: it answers by its script, in order, and keeps what it was asked. */
export function scriptedModel(script: AnswerScript, name = "gpt-6.1-terra"): ScriptedModel {
  const requests: ChatRequest[] = [];
  return {
    name,
    requests,
    send(request) {
      request.signal.throwIfAborted();
      const index = requests.push(request) - 1;
      const answer = typeof script === "function" ? script(request, index) : script[index];
      if (answer === undefined) return Promise.reject(new Error(`The script has only ${script.length} answers.`));
      if (answer instanceof Error) return Promise.reject(answer);
      const given = typeof answer === "string" ? { text: answer } : answer;
      return Promise.resolve({ text: "", finishReason: "stop", usage: smallUsage, ...given });
    },
  };
}
