import type { ContentBlock } from "@agentclientprotocol/sdk";
import { escapeLine } from "../base/escape.js";
import { asData, firstCharacters } from "../base/text.js";

/** What a person said in a prompt: their words, and what they attached, which is data. */
export type Said = { words: string; attached: string };

/** A prompt's text as it is said to the AI: what is attached stands behind the words, marked as what it is. */
export const wholeText = ({ words, attached }: Said): string =>
  [words, attached].filter((part) => part !== "").join("\n\n");

/** What stands in a prompt. Throws what `refuse` makes of a sentence, for content that cannot be taken, and where nothing is said. */
export function saidIn(blocks: readonly ContentBlock[], refuse: (message: string) => Error): Said {
  const words: string[] = [];
  const attached: string[] = [];
  for (const [index, block] of blocks.entries()) {
    const isName = index > 0 && blocks[index - 1]?.type !== "text";
    switch (block.type) {
      case "text":
        if (isName) addApart(words, block.text);
        else words.push(block.text);
        break;
      case "resource_link":
        addApart(words, linkText(block.uri));
        // Its name may be the title of somebody's page, and would count as the user's word.
        attached.push(`The user points to ${linkText(block.uri)}.`);
        break;
      case "resource":
        if (!("text" in block.resource))
          throw refuse(`${escapeLine(block.resource.uri)} is no text, and only texts can be attached.`);
        addApart(words, linkText(block.resource.uri));
        attached.push(`The user attached this:\n${asData(linkText(block.resource.uri), block.resource.text)}`);
        break;
      default:
        throw refuse(`A prompt may have text, links and texts that are attached, but no ${escapeLine(block.type)}.`);
    }
  }
  const said = { words: words.join("").trim(), attached: attached.join("\n") };
  if (said.words === "") throw refuse("The prompt is empty: say what is to be done.");
  return said;
}

/** Adds what is no part of the word before it, whether or not the editor has put a space between. */
function addApart(words: string[], next: string): void {
  const joins = /[\p{L}\p{N}]$/u.test(words.at(-1) ?? "") && /^[\p{L}\p{N}/]/u.test(next);
  words.push(joins ? ` ${next}` : next);
}

/** How an attached thing is named among the words: a file by its path, anything else by its address. */
function linkText(uri: string): string {
  const path = /^file:\/\/(?:localhost)?(\/.*)$/.exec(uri)?.[1];
  return escapeLine(path === undefined ? uri : decoded(path.replace(/^\/([A-Za-z]:)/, "$1")));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A text between marks that are longer than any run of backticks in it, so that nothing in it can end it. */
export function fenced(text: string): string {
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const mark = "`".repeat(longest + 1);
  return `${mark}\n${text}\n${mark}`;
}

/** A goal that is longer is not said in every request: the AI is told all of it once. */
const longestGoal = 8_000;

/** The goal that a prompt is, and what the AI is told besides, once; null where the goal says it all. */
export function goalOf(said: Said): { goal: string; tell: string | null } {
  const { words, attached } = said;
  if (words.length > longestGoal) {
    const begins = firstCharacters(words, longestGoal).trimEnd();
    return { goal: `Do what the user's first message says. It begins: ${begins} […]`, tell: wholeText(said) };
  }
  return { goal: words, tell: attached === "" ? null : attached };
}

const longestTitle = 80;

/** What a session is called after: the beginning of its first words. */
export function titleOf(words: string): string {
  const [line = ""] = escapeLine(words.trim().split("\n")[0] ?? "").split("\n");
  return line.length > longestTitle ? `${firstCharacters(line, longestTitle - 2).trimEnd()} …` : line;
}
