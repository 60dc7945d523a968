import type { Permission } from "../../agent/approve.js";

/** What was typed, or what about it is unclear. */
export type UserAnswer = Permission | { kind: "unclear"; message: string };

/**
 * Reads one answer; null is the end of input and stops. Only `y` and `y -N` run anything, only `n` stops. What is blank,
 * or begins with `y` as a word of its own and is neither, is unclear; all other text is feedback, `yes` and `no` too.
 */
export function readAnswer(line: string | null): UserAnswer {
  if (line === null) return { kind: "stop" };
  const text = line.trim();
  const word = text.toLowerCase();
  if (word === "y") return { kind: "run", count: 1 };
  if (word === "n") return { kind: "stop" };
  if (word === "") return { kind: "unclear", message: `Nothing was entered. ${choices}` };
  const count = Number(/^y[^\S\n]+-(\d+)$/.exec(word)?.[1] ?? 0);
  if (count >= 1 && Number.isSafeInteger(count)) return { kind: "run", count };
  if (/^y(?![\p{L}\p{M}'’])/u.test(word))
    return {
      kind: "unclear",
      message: `This begins with y, but is neither 'y' nor 'y -N' with a whole number N. ${choices}`,
    };
  return { kind: "feedback", text };
}

const choices = "Enter 'y', 'y -N', 'n', or feedback.";

/** Asks until the answer is clear; `say` gets what was unclear, a line each time. */
export async function askUntilClear(
  question: string,
  ask: (question: string) => Promise<string | null>,
  say: (line: string) => void,
): Promise<Permission> {
  for (;;) {
    const answer = readAnswer(await ask(question));
    if (answer.kind !== "unclear") return answer;
    say(answer.message);
  }
}
