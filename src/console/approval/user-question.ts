import { escapeText } from "../../base/escape.js";
import type { Mask } from "../../base/mask.js";
import { QuestionOver, type UserQuestion, type UserReply } from "../../commands/user-question.js";
import { isYes } from "../input/ask.js";
import type { UserInput } from "../input/user-input.js";
import type { PromptOptions } from "./prompt.js";

type Options = Pick<PromptOptions, "note"> & {
  lines: Pick<UserInput, "ask">;
  mask: Mask;
  /** Does a work in which the person is asked. */
  asking<Result>(ask: () => Promise<Result>): Promise<Result>;
};

/** Makes the function that lets a person at the console answer what a server asks. What they enter goes to the server. */
export const createUserQuestion =
  (options: Options) =>
  (question: UserQuestion, signal: AbortSignal): Promise<UserReply> =>
    options.asking(async () => {
      try {
        return await replyTo(question, options, signal);
      } catch (thrown) {
        if (signal.reason instanceof QuestionOver)
          options.note(escapeText(`The server of ${question.from} does not wait for an answer any more.`));
        throw thrown;
      }
    });

async function replyTo(
  { from, message, asks }: UserQuestion,
  { lines, note, mask }: Options,
  signal: AbortSignal,
): Promise<UserReply> {
  const ask = (text: string): Promise<string | null> =>
    lines.ask(escapeText(text), signal, { fresh: true, confirmInterrupt: true });
  note(escapeText(`The server of ${from} asks you:\n${mask(message)}`));
  if (asks.kind === "address") {
    note(
      escapeText(
        `It wants you to open an address at ${new URL(asks.address).host}, which is not opened for you:\n${asks.address}`,
      ),
    );
    return plain(await ask("Have you done what it asks (y/n)? "));
  }
  const begun = plain(await ask("Answer it; what you enter is sent there (y/n)? "));
  if (begun.kind !== "answered") return begun;
  for (;;) {
    const answers = await answersTo(asks.fields, ask, note);
    if (answers === null) return { kind: "dismissed" };
    const problem = await asks.check(answers);
    if (problem === null) return { kind: "answered", answers };
    note(escapeText(`This does not fit: ${problem}`));
  }
}

const plain = (line: string | null): UserReply =>
  line === null ? { kind: "dismissed" } : isYes(line) ? { kind: "answered", answers: {} } : { kind: "declined" };

type Fields = Extract<UserQuestion["asks"], { kind: "form" }>["fields"];

/** Null where the input has ended. */
async function answersTo(
  fields: Fields,
  ask: (text: string) => Promise<string | null>,
  note: Options["note"],
): Promise<Record<string, unknown> | null> {
  const answers = new Map<string, unknown>();
  for (const { name, label, required, usual, read } of fields) {
    for (;;) {
      const line = await ask(`${label}: `);
      if (line === null) return null;
      if (line.trim() === "" && (usual !== undefined || !required)) {
        if (usual !== undefined) answers.set(name, usual);
        break;
      }
      const given = await read(line);
      if (given.ok) {
        answers.set(name, given.value);
        break;
      }
      note(escapeText(given.problem));
    }
  }
  return Object.fromEntries(answers);
}
