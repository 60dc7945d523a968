import * as z from "zod";
import { isObject, parseJson } from "../../base/json.js";
import type { FinishReason } from "../../history/event-parts.js";
import type { Called } from "../native-calls.js";
import { finishOf, type Finish } from "./finish.js";
import { message, saidIn } from "./message.js";
import { readUsage, usageFields, type ReportedUsage } from "./usage.js";

const choice = z.looseObject({ message: message.nullish(), finish_reason: z.string().nullish().catch(null) });
const completion = z.object({ choices: z.tuple([choice], z.unknown()), usage: z.unknown().optional() });

/**
 * A chat completion. `usage` is undefined where the server gave none. `reasoning` is no part of the answer, but its
 * tokens were generated as well.
 */
export type Completion = {
  text: string;
  reasoning: string;
  finishReason: FinishReason;
  trouble: Finish["trouble"];
  usage: ReportedUsage | undefined;
  /** What the model called, where it did. */
  called?: Called;
  /** In what words the model declined to answer, where a part of the answer says so; they are the text then. */
  refusal?: string;
  /** What the model thought before, as the service wants it back. */
  items?: readonly Record<string, unknown>[];
  /** The id of an answer that the server is still working on: there is nothing else of it yet. */
  pending?: string;
};

/** Reads the body of an answer; undefined where it is no chat completion. */
export function readCompletion(body: string): Completion | undefined {
  const parsed = completion.safeParse(parseJson(body));
  if (!parsed.success) return undefined;
  const [{ message: own, finish_reason: finish }] = parsed.data.choices;
  const { text, reasoning, refusal, calls } = own ? saidIn(own) : nothingSaid;
  // A message without anything in it may be the answer, as long as the server says that it has ended.
  const isEmpty = text + reasoning === "" && own?.content === undefined && !own?.tool_calls;
  if (isEmpty && !finish) return undefined;
  return completed({ text, reasoning, refusal, calls, finish, usage: readUsage(usageFields(parsed.data.usage)) });
}

const nothingSaid = { text: "", reasoning: "", refusal: "", calls: [] };

type Heard = {
  text: string;
  reasoning: string;
  refusal?: string;
  calls: readonly ToolCall[];
  finish: string | null | undefined;
  usage: ReportedUsage | undefined;
};

/**
 * An answer that has come to its end. Some servers put all that a model says under reasoning: where there is nothing else,
 * it is a reply in the whole, and the model ended it by itself, it is the answer.
 */
export function completed({ text, reasoning, refusal = "", calls, finish, usage }: Heard): Completion {
  const { reason, trouble } = finishOf(finish);
  const said = answerText(text, calls);
  const isReply = said.trim() === "" && reason === "stop" && isReplyObject(reasoning);
  const named = calls.filter(({ name }) => name !== "");
  return {
    ...{ text: (isReply ? reasoning : said).toWellFormed(), reasoning, finishReason: reason, trouble, usage },
    ...(refusal.trim() !== "" && { refusal }),
    ...(named.length > 0 && { called: { content: text, calls: named } }),
  };
}

function isReplyObject(reasoning: string): boolean {
  const value = parseJson(reasoning);
  return isObject(value) && "command" in value;
}

const item = z.object({ index: z.number().int().nonnegative().optional(), embedding: z.array(z.unknown()) });
const embeddings = z.object({ data: z.array(item), usage: z.unknown().optional() });

/** Reads the body of an answer; undefined where it is not one vector of numbers, all of one length, for each text. */
export function readEmbeddings(body: string, texts: number) {
  const parsed = embeddings.safeParse(parseJson(body));
  if (!parsed.success || parsed.data.data.length !== texts) return undefined;
  const vectors: Float32Array[] = [];
  for (const [position, { index = position, embedding }] of parsed.data.data.entries()) {
    if (!embedding.every((value) => typeof value === "number" && Number.isFinite(value))) return undefined;
    vectors[index] = Float32Array.from(embedding as number[]);
  }
  const length = vectors[0]?.length ?? 0;
  const complete =
    vectors.length === texts && Array.from(vectors, (vector) => vector?.length).every((own) => own === length);
  return complete && length > 0 ? { vectors, usage: readUsage(usageFields(parsed.data.usage)) } : undefined;
}

/** A function that the model wants called; `args` is JSON as the model wrote it. */
export type ToolCall = { name: string; args: string };

/**
 * The text of an answer, for the parser of replies. Tool calls are written as commands in the reply's own form; their
 * arguments stay the text that they are, so that arguments which were cut off are not taken for whole ones.
 */
export function answerText(content: string, calls: readonly ToolCall[]): string {
  const named = calls.filter(({ name }) => name !== "");
  if (named.length === 0) return content;
  const commands = named.map(({ name, args }) => ({ name, args }));
  const command = commands.length === 1 ? commands[0] : commands;
  const speaks = content.trim() !== "" && !content.includes("{");
  if (content.trim() === "" || speaks) {
    return JSON.stringify({ ...(speaks && { thoughts: { text: content.trim() } }), command });
  }
  return `${content.trimEnd()}\n${JSON.stringify({ command })}`;
}
