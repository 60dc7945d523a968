import * as z from "zod";
import { isObject, parseJson } from "../../base/json.js";
import { readErrorBody } from "../http/error-body.js";
import { statusWithin } from "../http/meaning.js";
import { completed, type Completion } from "../openai/answers.js";
import type { CallPiece } from "../openai/message.js";
import { errorWithin, type StreamError } from "../openai/streamed-answer.js";
import { readUsage, usageFields } from "../openai/usage.js";

const text = z.string().nullish().catch(null);
const part = z.union([z.string(), z.looseObject({ type: text, text, refusal: text })]);
const parts = z
  .union([z.string(), z.array(part.catch(""))])
  .nullish()
  .catch(null);
/** One thing that the model gave: a message, its thinking, a call. What it is of another kind is passed over. */
const item = z.looseObject({
  type: text,
  role: text,
  phase: text,
  content: parts,
  summary: parts,
  name: text,
  arguments: z.unknown().optional(),
  call_id: text,
  id: text,
  encrypted_content: text,
});
export type Item = z.infer<typeof item>;

const fields = z.looseObject({
  id: text,
  status: text,
  output: z.array(z.unknown()).nullish().catch(null),
  output_text: text,
  incomplete_details: z.looseObject({ reason: text }).nullish().catch(null),
  usage: z.unknown().optional(),
});
/** A response of which everything may be missing: servers leave out what they have nothing to say of. */
export type ResponseFields = z.infer<typeof fields>;

/** Undefined for what is no response at all. */
export function responseIn(value: unknown): ResponseFields | undefined {
  if (!isObject(value)) return undefined;
  const isOne =
    value["object"] === "response" || Array.isArray(value["output"]) || typeof value["output_text"] === "string";
  const parsed = fields.safeParse(value);
  return isOne && parsed.success ? parsed.data : undefined;
}

export const itemIn = (value: unknown): Item | undefined => {
  const parsed = item.safeParse(value);
  return parsed.success ? parsed.data : undefined;
};

const itemsIn = ({ output }: ResponseFields): Item[] =>
  (output ?? []).map(itemIn).filter((one): one is Item => one !== undefined);

/** What items say: the text of the answer, what was thought before it, and what is to be called. */
export type SaidInItems = { text: string; reasoning: string; refusal: string; calls: CallPiece[] };

/** Reads items. What the model says on its way counts as thinking where an answer follows. */
export function saidInItems(items: readonly Item[]): SaidInItems {
  const messages = items.filter(isMessage);
  const answers = messages.filter(({ phase }) => phase !== "commentary");
  const isAnswer = (one: Item): boolean => answers.length === 0 || answers.includes(one);
  const spoken = messages.filter(isAnswer).flatMap(({ content }) => pieces(content));
  const refusal = spoken.map(({ refusal: words }) => words).join("");
  const thought = [
    ...items.filter(({ type }) => type === "reasoning").map((one) => textOf(one.content) || textOf(one.summary)),
    ...messages.filter((one) => !isAnswer(one)).map(({ content }) => textOf(content)),
    ...spoken.map(({ reasoning }) => reasoning),
  ];
  return {
    text: spoken.map((one) => one.text).join("") + refusal,
    refusal,
    reasoning: thought.join(""),
    calls: items.filter(isCall).map(callOf),
  };
}

const isMessage = ({ type, role, content }: Item): boolean =>
  type === "message" || (!type && (role === "assistant" || content !== undefined));

type Piece = { text: string; reasoning: string; refusal: string };

const pieces = (content: Item["content"]): Piece[] =>
  (typeof content === "string" ? [content] : (content ?? [])).map((one) => {
    if (typeof one === "string") return { text: one, reasoning: "", refusal: "" };
    if (one.type === "refusal") return { text: "", reasoning: "", refusal: one.refusal ?? one.text ?? "" };
    return /reason|think/.test(one.type ?? "")
      ? { text: "", reasoning: one.text ?? "", refusal: "" }
      : { text: one.text ?? "", reasoning: "", refusal: "" };
  });

const textOf = (content: Item["content"]): string =>
  pieces(content)
    .map((one) => one.text + one.reasoning)
    .join("");

function callOf({ name, arguments: given, call_id: id, ...more }: Item): CallPiece {
  const args = given ?? more["input"] ?? "";
  return {
    index: null,
    id: id ?? null,
    name: name ?? "",
    args: typeof args === "string" ? args : JSON.stringify(args),
  };
}

/** An answer out of what a response says, and of the items that its stream brought; undefined where it is not over yet. */
export function completionOf(response: ResponseFields, streamed: readonly Item[] = []): Completion {
  const own = itemsIn(response);
  const whole = saidInItems(own);
  const isEmpty = whole.text + whole.reasoning === "" && whole.calls.length === 0;
  const items = isEmpty && streamed.length > 0 ? streamed : own;
  const said = isEmpty ? saidInItems(items) : whole;
  const { text: spoken, reasoning, calls, refusal } = said;
  return {
    ...completed({
      ...{ text: spoken || (calls.length === 0 ? (response.output_text ?? "") : ""), reasoning, calls },
      finish: finishOfResponse(response),
      usage: readUsage(usageFields(response.usage)),
    }),
    ...(refusal !== "" && { refusal }),
    ...(isPending(response) && { pending: response.id }),
    ...withItems(items),
  };
}

const isPending = (response: ResponseFields): response is ResponseFields & { id: string } =>
  (response.status === "queued" || response.status === "in_progress") && Boolean(response.id);

/**
 * What is encrypted of the thinking, without what a request may not have of it. Before a call, which the service wants behind it, also the
 * call, the first one, and what was said between. Nothing where that could not be sent again.
 */
function withItems(items: readonly Item[]): Pick<Completion, "items"> {
  const first = items.findIndex(isCall);
  const before = first === -1 ? items : items.slice(0, first);
  const thoughts = before.filter(isEncrypted);
  if (thoughts.length === 0) return {};
  if (first === -1) return { items: thoughts.map(asThought) };
  const call = asCall(items[first] as Item);
  if (call === undefined) return {};
  return { items: [...before.flatMap((one) => (isEncrypted(one) ? [asThought(one)] : asSaid(one))), call] };
}

const isCall = ({ type }: Item): boolean => /^(?:function|custom_tool)_call$/.test(type ?? "");
const isEncrypted = ({ type, encrypted_content: content }: Item): boolean => type === "reasoning" && Boolean(content);

const asThought = ({ id, summary, encrypted_content: content }: Item): Record<string, unknown> => ({
  ...{ type: "reasoning", ...(id && { id }), summary: Array.isArray(summary) ? summary : [] },
  encrypted_content: content,
});

function asSaid(one: Item): Record<string, unknown>[] {
  const content = isMessage(one) ? textOf(one.content) : "";
  return content === "" ? [] : [{ type: "message", role: "assistant", content }];
}

/** Undefined for one that a request cannot have: of another kind, without an id, or with arguments that are no object. */
function asCall(one: Item): Record<string, unknown> | undefined {
  const { name, args } = callOf(one);
  const { id, call_id: callId } = one;
  if (one.type !== "function_call" || !name || !callId || !isObject(parseJson(args))) return undefined;
  return { type: "function_call", ...(id && { id }), call_id: callId, name, arguments: args };
}

/** In the words of Chat Completions. A response that is incomplete without a reason was cut off: it is never executed. */
function finishOfResponse({ status, incomplete_details: details }: ResponseFields): string {
  if (status !== "incomplete" && !details?.reason) return "stop";
  return details?.reason ?? "length";
}

/** A whole answer; undefined where the text is none. */
export function readResponse(body: string): Completion | undefined {
  const response = responseIn(parseJson(body));
  return response && completionOf(response);
}

/** As for Chat Completions; besides, a response that failed or was cancelled, whole or as the last event of a stream. */
export function errorInResponse(json: unknown): StreamError | undefined {
  if (!isObject(json)) return undefined;
  const inner = isObject(json["response"]) ? json["response"] : json;
  if (inner !== json && inner["error"]) return errorInResponse(inner);
  const { status } = inner;
  if (inner["error"] || (status !== "failed" && status !== "cancelled")) return errorWithin(json);
  const errorBody = readErrorBody(JSON.stringify({ error: { message: `status: ${status}` } }));
  return { kind: "error", errorBody, status: statusWithin(errorBody) };
}
