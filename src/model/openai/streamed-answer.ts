import * as z from "zod";
import { completed, type Completion } from "./answers.js";
import { finishOf } from "./finish.js";
import { createCallList, message, saidIn, type AnswerMessage } from "./message.js";
import { readUsage, usageFields } from "./usage.js";
import { isObject, parseJson } from "../../base/json.js";
import { readErrorBody, type ErrorBody } from "../http/error-body.js";
import { statusWithin } from "../http/meaning.js";

const choice = z.looseObject({
  index: z.number().nullish().catch(null),
  delta: message.nullish(),
  message: message.nullish(),
  finish_reason: z.string().nullish().catch(null),
});
/** An event without choices says nothing of the answer: it keeps the connection, or brings the usage. */
const chunk = z.object({ choices: z.array(choice).nullish(), usage: z.unknown().optional() });

/** What one event of a stream is: a piece of the answer, its end, an error, or something else. */
export type StreamEvent =
  { kind: "piece"; text: string; thinking?: string } | { kind: "end" } | { kind: "other" } | StreamError;
export type StreamError = { kind: "error"; errorBody: ErrorBody; status: number };

/** Puts a streamed chat completion together. */
export interface StreamedAnswer {
  take(data: string): StreamEvent;
  /** Whether anything was generated so far: text, thinking or calls. */
  begun(): boolean;
  /** The answer; undefined as long as the stream gave neither a finish reason nor [DONE]: what there is may be cut off. */
  completion(): Completion | undefined;
}

export function createStreamedAnswer(): StreamedAnswer {
  const pieces: string[] = [];
  const reasoning: string[] = [];
  const refusal: string[] = [];
  const list = createCallList();
  let usage: ReturnType<typeof usageFields> = null;
  let finish: string | undefined;
  let ended = false;

  const add = (part: AnswerMessage | null | undefined): { text: string; thinking: string } => {
    const said = part ? saidIn(part) : { text: "", reasoning: "", refusal: "", calls: [] };
    pieces.push(said.text);
    reasoning.push(said.reasoning);
    refusal.push(said.refusal);
    for (const call of said.calls) list.add(call);
    return { text: said.text, thinking: said.reasoning };
  };
  return {
    take(data) {
      if (data.trim() === "[DONE]") {
        ended = true;
        return { kind: "end" };
      }
      const json = parseJson(data);
      const trouble = errorWithin(json);
      if (trouble) return trouble;
      // A line of words keeps the connection; broken JSON may have been a piece of the answer.
      if (json === undefined && !/[[{]/.test(data)) return { kind: "piece", text: "" };
      const parsed = chunk.safeParse(json);
      if (!parsed.success) return { kind: "other" };
      usage = usageFields(parsed.data.usage, usage);
      const own = parsed.data.choices?.find(({ index }) => (index ?? 0) === 0);
      finish = own?.finish_reason || finish;
      return { kind: "piece", ...add(own?.delta ?? own?.message) };
    },
    begun: () => list.calls.length > 0 || [...pieces, ...reasoning].some((piece) => piece !== ""),
    completion: () =>
      finish === undefined && !ended
        ? undefined
        : completed({
            text: pieces.join(""),
            reasoning: reasoning.join(""),
            refusal: refusal.join(""),
            calls: list.calls,
            finish,
            usage: readUsage(usage),
          }),
  };
}

/**
 * An error in the place of an answer, or of a part of one: `{error: …}`, flat with `"object": "error"` or a code, within
 * a choice, or as the reason why that ended. Undefined where there is none.
 */
export function errorWithin(json: unknown): StreamError | undefined {
  if (!isObject(json)) return undefined;
  const first: unknown = Array.isArray(json["choices"]) ? json["choices"][0] : undefined;
  const own = isObject(first) ? first : {};
  const inner = json["error"] || own["error"];
  const isFlat = json["object"] === "error" || json["type"] === "error" || (!("choices" in json) && isFault(json));
  const failed = typeof own["finish_reason"] === "string" && finishOf(own["finish_reason"]).trouble === "broken";
  if (!inner && !isFlat && !failed) return undefined;
  const told = inner ? { error: inner } : isFlat ? json : { message: `finish_reason: ${String(own["finish_reason"])}` };
  const errorBody = readErrorBody(JSON.stringify(told));
  return { kind: "error", errorBody, status: statusWithin(errorBody) };
}

/** Whether an object says only what is wrong. */
const isFault = ({ code, status, message: words, detail }: Record<string, unknown>): boolean =>
  Number(code ?? status) >= 400 && (typeof words === "string" || detail !== undefined);
