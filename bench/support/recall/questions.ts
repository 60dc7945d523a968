import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../measure.js";

/** A question, and the text that answers it. */
export type Question = { kind: string; query: string; answer: string };

const languages = ["english", "german", "chinese", "japanese", "code"];

/** What the questions of each kind are called. Those in other words share next to no word with their answer. */
export const kinds = ["english", "english, other words", ...languages.slice(1)];

/**
 * The questions, and all texts of the memory they are asked of: their answers, and others that are none. A file has an answer and its questions,
 * a line each, then a blank line; behind three hyphens are patterns of texts that answer nothing.
 */
export function readQuestions(): { questions: Question[]; texts: string[] } {
  const [questions, texts]: [Question[], string[]] = [[], []];
  for (const language of languages) {
    const file = readFileSync(join(repository, "bench", "support", "recall", `${language}.txt`), "utf8");
    const [facts = "", patterns = ""] = file.split("\n---\n");
    for (const fact of facts.trim().split("\n\n")) {
      const [answer = "", query = "", inOtherWords] = fact.split("\n");
      texts.push(answer);
      questions.push({ kind: language, query, answer });
      if (inOtherWords !== undefined) questions.push({ kind: `${language}, other words`, query: inOtherWords, answer });
    }
    texts.push(...patterns.trim().split("\n").flatMap(expanded));
  }
  return { questions, texts };
}

/** All texts that a pattern stands for: of each `[one|other]` one. */
function expanded(pattern: string): string[] {
  const found = /\[([^[\]]*\|[^[\]]*)\]/.exec(pattern);
  if (found === null) return [pattern];
  const [before, after] = [pattern.slice(0, found.index), pattern.slice(found.index + found[0].length)];
  return (found[1] ?? "").split("|").flatMap((choice) => expanded(before + choice + after));
}
