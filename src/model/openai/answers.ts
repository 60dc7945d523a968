import * as z from "zod";
import { parseJson } from "../../base/json.js";
import type { FinishReason } from "../../history/event-parts.js";
import { readUsage, usageFields, type ReportedUsage } from "./usage.js";

const part = z.object({ type: z.string(), text: z.string().optional() });
/** The content of a message: a text, or a list of parts, of which the texts are taken. */
export const messageContent = z.union([
  z.string(),
  z.array(part).transform((parts) => parts.map((one) => (one.type === "text" ? (one.text ?? "") : "")).join("")),
]);
const called = z.object({ name: z.string().catch(""), arguments: z.string().catch("") });
const toolCall = z
  .object({ function: called })
  .transform((call) => ({ name: call.function.name, args: call.function.arguments }));
const message = z.object({
  content: messageContent.nullable().optional(),
  refusal: z.string().nullish().catch(null),
  reasoning_content: z.string().nullish().catch(null),
  reasoning: z.string().nullish().catch(null),
  tool_calls: z.array(toolCall.catch({ name: "", args: "" })).nullish(),
});
const choice = z.object({
  message: message.refine((one) => one.content !== undefined || one.tool_calls !== undefined, "no content"),
  finish_reason: z.string().nullish().catch(null),
});
const completion = z.object({ choices: z.tuple([choice], z.unknown()), usage: z.unknown().optional() });

/**
 * A chat completion. `usage` is undefined where the server gave none. `reasoning` is no part of the answer, but its
 * tokens were generated as well.
 */
export type Completion = {
  text: string;
  reasoning: string;
  finishReason: FinishReason;
  usage: ReportedUsage | undefined;
};

/** Reads the body of an answer; undefined where it is no chat completion. */
export function readCompletion(body: string): Completion | undefined {
  const parsed = completion.safeParse(parseJson(body));
  if (!parsed.success) return undefined;
  const [{ message: said, finish_reason: reason }] = parsed.data.choices;
  return {
    text: answerText(said.content ?? said.refusal ?? "", said.tool_calls ?? []),
    reasoning: said.reasoning_content ?? said.reasoning ?? "",
    finishReason: finishReasonOf(reason),
    usage: readUsage(usageFields(parsed.data.usage)),
  };
}

export const finishReasonOf = (reason: string | null | undefined): FinishReason =>
  reason === "stop" || reason === "length" ? reason : "other";

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
