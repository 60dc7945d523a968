import type { Message } from "../../src/model/model.js";
import { promptTokens, tokensOf } from "../../tests/support/services/billing/fake-bill.js";

const blockTokens = 128;
const shortestPrefix = 1024;
/** So many earlier requests are looked at: the ones before them share less of their beginning. */
const looked = 8;

/**
 * The cache of services that find the longest beginning again by themselves, in whole blocks of 128 tokens, from 1,024 on: OpenAI's up to
 * gpt-5.5, and most others. Writing costs nothing. How many tokens of each request it has, one after the other.
 */
export function createBlockCache(): (messages: readonly Message[]) => number {
  let before: (readonly Message[])[] = [];
  return (messages) => {
    const shared = Math.max(0, ...before.map((earlier) => sharedTokens(earlier, messages)));
    before = [...before.slice(1 - looked), messages];
    return shared < shortestPrefix ? 0 : Math.floor(shared / blockTokens) * blockTokens;
  };
}

function sharedTokens(earlier: readonly Message[], messages: readonly Message[]): number {
  const other = messages.findIndex(({ content }, index) => content !== earlier[index]?.content);
  if (other === -1) return promptTokens(messages);
  const [one, two] = [earlier[other]?.content ?? "", messages[other]?.content ?? ""];
  let length = 0;
  while (length < one.length && one[length] === two[length]) length += 1;
  // The last token of what is shared goes on differently.
  return promptTokens(messages.slice(0, other)) + Math.max(0, tokensOf(two.slice(0, length)) - 1);
}
