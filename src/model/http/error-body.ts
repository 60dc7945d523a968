import { isObject, parseJson } from "../../base/json.js";
import { onOneLine } from "../../base/text.js";

/** What a server says about a request that it does not answer, in whatever shape it says it. */
export type ErrorBody = {
  message: string;
  code: string | null;
  type: string | null;
  param: string | null;
  /** A status within the body, such as a gateway passes on from the server behind it. */
  status: number | null;
  /** Everything that says in one word what is wrong (codes, types, reasons, statuses), in lower case. */
  names: ReadonlySet<string>;
  /** Every field of the body whose value is a word or a number, its name in lower case; the first of each name. */
  fields: ReadonlyMap<string, string>;
  /** A page for people: it comes from something before the server, and says nothing about the request. */
  isPage: boolean;
};

/**
 * Reads the shapes in use: `{error: {…}}`, `{error: "…"}`, `[{error: …}]`, `{message}`, `{detail}`, an error of the
 * server behind a gateway within the gateway's own, plain text.
 */
export function readErrorBody(body: string): ErrorBody {
  const parsed = parseJson(body);
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  const isPage = !isObject(first) && body.trimStart().startsWith("<");
  const fields = new Map<string, string>();
  gather(first, fields, 0);
  const inner = isObject(first) && isObject(first["error"]) ? first["error"] : first;
  const word = (name: string): string | null =>
    isObject(inner) && typeof inner[name] === "string" && !isNothing(inner[name]) ? inner[name] : null;
  return {
    message: isPage ? "" : isObject(first) ? messageIn(first, body) : typeof first === "string" ? first : body,
    code: word("code"),
    type: word("type"),
    param: word("param"),
    status: statusIn(isObject(inner) ? inner : {}, isObject(first) ? first : {}),
    names: new Set(nameFields.flatMap((name) => fields.get(name)?.toLowerCase() ?? [])),
    fields,
    isPage,
  };
}

/** What gateways in Python write for null. */
const isNothing = (value: string): boolean => value === "" || value === "None" || value === "null";

const nameFields = ["code", "type", "status", "reason", "error_type", "error_code", "errorcode", "innererror.code"];
const deepest = 5;
const mostFields = 200;

/** Gathers what the fields say. A text that is JSON itself, as gateways pass one on, is looked into. */
function gather(value: unknown, fields: Map<string, string>, depth: number, within = ""): void {
  if (depth > deepest || fields.size > mostFields || typeof value !== "object" || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    const name = key.toLowerCase();
    if (typeof one === "string" || typeof one === "number") {
      if (!fields.has(name)) fields.set(name, String(one));
      if (within === "innererror") fields.set(`innererror.${name}`, String(one));
      gather(passedOn(one), fields, depth + 1);
    } else gather(one, fields, depth + 1, name);
  }
}

const passedOn = (value: unknown): unknown =>
  typeof value === "string" && /^\s*[[{]/.test(value) ? parseJson(value) : undefined;

/** The words of an error, with those of the server behind a gateway, which says only that there is an error. */
function messageIn(first: Record<string, unknown>, body: string): string {
  const error = first["error"];
  if (isObject(error)) {
    const raw = isObject(error["metadata"]) ? error["metadata"]["raw"] : undefined;
    const behind = typeof raw === "string" ? readErrorBody(raw).message : "";
    const own = wordsOf(error["message"]) ?? wordsOf(error["detail"]) ?? "";
    return [own, behind].filter((words) => words !== "").join(": ");
  }
  return [error, first["message"], first["detail"]].map(wordsOf).find((words) => words !== undefined) ?? body;
}

/** A message: a text, or a list of what is wrong with which field. */
function wordsOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (isObject(value)) return wordsOf(value["detail"] ?? value["message"]);
  if (!Array.isArray(value)) return undefined;
  const faults = value.filter(isObject).map(({ loc, msg }) => {
    const field: unknown = Array.isArray(loc) ? loc.at(-1) : undefined;
    return [field, msg].filter((part) => typeof part === "string").join(": ");
  });
  return faults.length === 0 ? undefined : faults.join("; ");
}

function statusIn(...places: Record<string, unknown>[]): number | null {
  for (const place of places) {
    for (const name of ["code", "status", "status_code", "http_status"]) {
      const status = Number(typeof place[name] === "string" ? place[name] || NaN : (place[name] ?? NaN));
      if (Number.isInteger(status) && status >= 400 && status <= 599) return status;
    }
  }
  return null;
}

/** A foreign text as one line of at most `length` characters, without control characters and without the key. */
export function oneLine(foreign: string, key: string | undefined, length = 300): string {
  const masked = key ? foreign.replaceAll(key, "***") : foreign;
  const line = onOneLine(masked.slice(0, 10_000));
  const characters = [...line];
  return characters.length <= length ? line : `${characters.slice(0, length).join("")}…`;
}
