import * as z from "zod";
import { isObject, parseJson } from "../../base/json.js";
import { onOneLine } from "../../base/text.js";

/** What a server says about a request it refuses, in whatever shape it says it. */
export type ErrorBody = { message: string; code: string | null; type: string | null; param: string | null };

const text = z.string().catch("");
const word = z.string().nullable().catch(null);
const details = z.object({ message: text, code: word, type: word, param: word });

/** Reads the shapes in use: `{error: {…}}`, `{error: "…"}`, `[{error: …}]`, `{message}`, `{detail}`, plain text. */
export function readErrorBody(body: string): ErrorBody {
  const parsed = parseJson(body);
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!isObject(first)) return errorBody(typeof first === "string" ? first : looksLikeHtml(body) ? "" : body);
  if (isObject(first["error"])) return details.parse(first["error"]);
  const message = [first["error"], first["message"], first["detail"]].find((value) => typeof value === "string");
  return message === undefined ? errorBody(body) : { ...details.parse(first), message };
}

const errorBody = (message: string): ErrorBody => ({ message, code: null, type: null, param: null });
const looksLikeHtml = (body: string) => body.trimStart().startsWith("<");

/** A foreign text as one line of at most `length` characters, without control characters and without the key. */
export function oneLine(foreign: string, key: string | undefined, length = 300): string {
  const masked = key ? foreign.replaceAll(key, "***") : foreign;
  const line = onOneLine(masked.slice(0, 10_000));
  const characters = [...line];
  return characters.length <= length ? line : `${characters.slice(0, length).join("")}…`;
}
