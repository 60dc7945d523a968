import { asData, firstCharacters } from "../../base/text.js";
import type { Observed } from "./observed.js";

const mostFacts = 12;
const mostCharacters = 160;

/** What has been done and what came of it, each once and the newest last, as a list for the model. */
export function factsOf(steps: readonly Observed[]): string {
  const facts = new Map<string, { one: Observed; times: number }>();
  for (const one of steps) {
    if (one.name === null) continue;
    const key = `${one.act}\0${one.said}`;
    const times = (facts.get(key)?.times ?? 0) + 1;
    // The newest one is to stand where it belongs.
    facts.delete(key);
    facts.set(key, { one, times });
  }
  const lines = [...facts.values()].slice(-mostFacts).map(({ one, times }) => {
    const often = times === 1 ? `step ${one.step}` : `${times} times, last in step ${one.step}`;
    return `- ${shortened(one.act)} (${often}): ${one.ok ? "" : "failed: "}${shortened(one.said)}`;
  });
  return asData("what has been done so far", lines.join("\n"));
}

const shortened = (text: string): string =>
  text.length <= mostCharacters ? text : `${firstCharacters(text, mostCharacters)}…`;
