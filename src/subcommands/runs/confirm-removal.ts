import { escapeText } from "../../base/escape.js";
import { isYes } from "../../console/input/ask.js";
import { openUserInput } from "../../console/input/open-input.js";
import { fittedTo, type Streams } from "../../console/streams.js";

/** How a removal speaks with whoever asked for it. */
export type RemovalTalk = {
  /** Says a line to the person. */
  say(line: string): void;
  /** Whether they really go; null where nobody can be asked and nothing was said before. */
  confirm: ((question: string) => Promise<boolean>) | null;
};

/** Does `work` with a terminal to ask on, which is let go of afterwards; with `yes` nothing is asked. Throws what `work` throws. */
export async function withRemovalTalk(
  { stdin, stdout }: Streams,
  { yes, signal }: { yes: boolean; signal: AbortSignal },
  work: (talk: RemovalTalk) => Promise<unknown>,
): Promise<void> {
  const lines = openUserInput(stdin, stdout);
  const asked = async (question: string): Promise<boolean> => isYes(await lines.ask(question, signal, { fresh: true }));
  try {
    await work({
      say: (line) => void stdout.write(`${fittedTo(stdout, escapeText(line))}\n`),
      confirm: yes ? () => Promise.resolve(true) : lines.isTerminal ? asked : null,
    });
  } finally {
    lines.close();
  }
}
