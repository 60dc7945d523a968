import * as z from "zod";
import { isObject } from "../../base/json.js";

const text = z.string().nullish().catch(null);
const part = z.union([z.string(), z.looseObject({ type: text, text: z.unknown().optional() })]);
const called = z.looseObject({ name: text, arguments: z.unknown().optional() }).nullish().catch(null);
const call = z.looseObject({ index: z.number().int().nonnegative().nullish().catch(null), id: text, function: called });

/** A message of an answer, or a piece of one in a stream. Content of another form is refused, all else passed over. */
export const message = z.looseObject({
  content: z.union([z.string(), z.array(part)]).nullish(),
  refusal: text,
  tool_calls: z
    .array(call.catch({ index: null, id: null, function: null }))
    .nullish()
    .catch(null),
  function_call: called,
});
export type AnswerMessage = z.infer<typeof message>;

/** What a message says: its text, with words in which the model refuses, what it thought before it, and what it wants called. */
export type Said = { text: string; reasoning: string; refusal: string; calls: CallPiece[] };

/** A call or a piece of one; `args` is JSON as the model wrote it. */
export type CallPiece = { index: number | null; id: string | null; name: string; args: string };

/** Reads a message, under the names that servers give to its parts. */
export function saidIn(given: AnswerMessage): Said {
  const { content, refusal, tool_calls: calls, function_call: single } = given;
  const parts = typeof content === "string" ? [content] : (content ?? []);
  const spoken = parts.map((one) => (typeof one === "string" ? one : isThought(one.type) ? "" : plainText(one.text)));
  const thought = parts.map((one) => (typeof one !== "string" && isThought(one.type) ? thoughtIn(one) : ""));
  const named = thoughtFields.map((name) => plainText(given[name])).find((found) => found !== "");
  return {
    text: spoken.join("") + (refusal ?? ""),
    refusal: refusal ?? "",
    reasoning: named ?? (thought.join("") || plainText(given["reasoning_details"])),
    calls: [
      ...(calls ?? []).map(({ index, id, function: one }) => ({
        index: index ?? null,
        id: id ?? null,
        ...nameAndArgs(one),
      })),
      ...(single ? [{ index: null, id: null, ...nameAndArgs(single) }] : []),
    ],
  };
}

const thoughtFields = ["reasoning_content", "reasoning", "thinking", "reasoning_text"] as const;
const isThought = (type: unknown): boolean => typeof type === "string" && /think|reason|thought/.test(type);
const thoughtIn = (part: Record<string, unknown>): string =>
  plainText(part["thinking"] ?? part["reasoning"] ?? part["text"]);

/** The text of a text, of an object that holds one, or of a list of such. */
function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(plainText).join("");
  return isObject(value) ? plainText(value["text"] ?? value["thinking"] ?? value["summary"] ?? value["content"]) : "";
}

/** Arguments are a text of JSON, or, with some servers, what that text would say. */
function nameAndArgs(one: z.infer<typeof called>): Pick<CallPiece, "name" | "args"> {
  const args: unknown = one?.arguments ?? one?.["parameters"] ?? one?.["input"] ?? "";
  return { name: one?.name ?? "", args: typeof args === "string" ? args : JSON.stringify(args) };
}

const mostCalls = 100;

/** Puts calls together of the pieces in which a stream brings them. */
export function createCallList() {
  const calls: CallPiece[] = [];
  const byIndex = new Map<number, CallPiece>();
  const open = (piece: CallPiece): CallPiece => {
    const fresh = { index: piece.index, id: piece.id, name: "", args: "" };
    if (calls.length < mostCalls) calls.push(fresh);
    if (piece.index !== null) byIndex.set(piece.index, fresh);
    return fresh;
  };
  /** The call that a piece belongs to: the one of its id, of its index, or the last one. */
  const find = (piece: CallPiece): CallPiece | undefined => {
    const known = piece.id === null ? undefined : calls.find(({ id }) => id === piece.id);
    if (known) return known;
    const there = piece.index === null ? calls.at(-1) : byIndex.get(piece.index);
    if (!there || piece.name === "") return there;
    // Some servers give every call the index 0, or none, and some repeat the name of a call with each of its pieces.
    const isOther = (piece.id !== null && there.id !== null) || piece.index === null;
    return isOther && (there.name !== piece.name || isWhole(there.args)) ? undefined : there;
  };
  return {
    calls,
    add(piece: CallPiece): void {
      const call = find(piece) ?? open(piece);
      call.id ??= piece.id;
      if (piece.name !== call.name) call.name += piece.name;
      call.args += piece.args;
    },
  };
}

const isWhole = (args: string): boolean => {
  try {
    return isObject(JSON.parse(args));
  } catch {
    return false;
  }
};
