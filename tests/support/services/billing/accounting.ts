import { decode, encode } from "gpt-tokenizer/encoding/o200k_base";
import type { Message } from "../../../../src/model/model.js";
import { usageOf, type Used } from "../model-answers.js";
import { plainText, tokensOf } from "./fake-bill.js";

/** How a server counts what it charges, and what it says of it. */
export type Accounting = {
  /** The tokens of a text by a tokeniser of its own. */
  count?(text: string): number;
  /** The usage of its answers; null: none. */
  report?(used: Used): object | null;
  /** The form of the reply is charged with the prompt. */
  billsSchema?: boolean;
  /** Thinking that nobody sees, charged on top of the answer's limit. */
  beyondLimit?: number;
};

type Asked = { messages: readonly Message[]; response_format?: unknown };

/** What is counted of one request and its answer. */
export function accountant({ count = tokensOf, report = usageOf, billsSchema, beyondLimit = 0 }: Accounting = {}) {
  return {
    prompt({ messages, response_format: format }: Asked): number {
      const schema = billsSchema && format !== undefined ? count(JSON.stringify(format)) : 0;
      return messages.reduce((sum, { content }) => sum + count(content) + 4, 3) + schema;
    },
    /** The answer as far as its limit allows, and the tokens that it is charged with. */
    answer(text: string, limit: number, truncate: boolean): { text: string; cut: boolean; completion: number } {
      const whole = count(text);
      if (whole <= limit || !truncate) return { text, cut: false, completion: whole + beyondLimit };
      const kept =
        count === tokensOf
          ? decode(encode(text, plainText).slice(0, limit))
          : text.slice(0, Math.floor((text.length * limit) / whole));
      return { text: kept, cut: true, completion: limit + beyondLimit };
    },
    report,
  };
}
