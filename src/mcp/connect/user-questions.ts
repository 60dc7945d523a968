import type { ElicitRequestParams, ElicitResult } from "@modelcontextprotocol/client";
import { QuestionOver } from "../../commands/user-question.js";
import type { AskUser } from "./connected.js";

/** What a server asks the user in one call. */
export interface Questions {
  /** One question at a time: those that come while another stands wait for it. */
  ask(params: ElicitRequestParams): Promise<ElicitResult>;
  /** The call is over: what is still asked lapses. Resolves when nothing is asked any more. */
  end(): Promise<void>;
}

/** More of them in one call are declined, as are larger ones (in characters of JSON): nobody could answer them. */
const mostQuestions = 20;
const longestQuestion = 200_000;

/** `signal` is the call's; without `ask`, nobody is asked. */
export function createQuestions(ask: AskUser | undefined, signal: AbortSignal): Questions {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  let asked = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask(params) {
      if (ask === undefined || ++asked > mostQuestions || JSON.stringify(params).length > longestQuestion)
        return Promise.resolve({ action: "decline" });
      const answer = last.then(() => {
        either.throwIfAborted();
        return ask(params, either);
      });
      last = answer.catch(() => undefined);
      return answer;
    },
    async end() {
      over.abort(new QuestionOver());
      await last;
    },
  };
}
