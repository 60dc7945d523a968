import * as z from "zod";

/** What a server says about a request it refuses, in whatever shape it says it. */
export type ErrorBody = { message: string; code: string | null; type: string | null; param: string | null };

const text = z.string().catch("");
const word = z.string().nullable().catch(null);
const details = z.object({ message: text, code: word, type: word, param: word });

/** Reads the shapes in use: `{error: {…}}`, `{error: "…"}`, `[{error: …}]`, `{message}`, `{detail}`, plain text. */
export function readErrorBody(body: string): ErrorBody {
  const parsed = parseJson(body);
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (!isRecord(first)) return errorBody(typeof first === "string" ? first : looksLikeHtml(body) ? "" : body);
  if (isRecord(first["error"])) return details.parse(first["error"]);
  const message = [first["error"], first["message"], first["detail"]].find((value) => typeof value === "string");
  return message === undefined ? errorBody(body) : { ...details.parse(first), message };
}

const errorBody = (message: string): ErrorBody => ({ message, code: null, type: null, param: null });
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const looksLikeHtml = (body: string) => body.trimStart().startsWith("<");

/** The value of a JSON text; undefined where it is none. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A foreign text as one line of at most `length` characters, without control characters and without the key. */
export function oneLine(foreign: string, key: string | undefined, length = 300): string {
  const masked = key ? foreign.replaceAll(key, "***") : foreign;
  const line = masked
    .slice(0, 10_000)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
  const characters = [...line];
  return characters.length <= length ? line : `${characters.slice(0, length).join("")}…`;
}
