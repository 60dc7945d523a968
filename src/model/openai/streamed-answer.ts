import * as z from "zod";
import { answerText, type ToolCall, finishReasonOf, messageContent, type Completion } from "./answers.js";
import { readUsage, usageFields } from "./usage.js";
import { parseJson } from "../../base/json.js";
import { readErrorBody, type ErrorBody } from "../http/error-body.js";

const text = z.string().nullish().catch(null);
const called = z.object({ name: text, arguments: text }).nullish().catch(null);
const callPiece = z.object({ index: z.number().int().nonnegative().optional(), function: called });
const delta = z.object({
  content: messageContent.nullish(),
  refusal: text,
  reasoning_content: text,
  reasoning: text,
  tool_calls: z.array(callPiece).nullish().catch(null),
});
const choice = z.object({
  index: z.number().catch(0),
  delta: delta.nullish(),
  message: delta.nullish(),
  finish_reason: text,
});
const chunk = z.object({ choices: z.array(choice), usage: z.unknown().optional() });

/** What one event of a stream is: a piece of the answer, its end, an error, or something else. */
export type StreamEvent = { kind: "piece"; text: string } | { kind: "end" } | { kind: "other" } | StreamError;
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
  const calls: ToolCall[] = [];
  let usage: ReturnType<typeof usageFields> = null;
  let finish: string | undefined;
  let ended = false;

  const add = (part: z.infer<typeof delta> | null | undefined): string => {
    const said = (part?.content ?? "") + (part?.refusal ?? "");
    pieces.push(said);
    reasoning.push(part?.reasoning_content ?? part?.reasoning ?? "");
    for (const [position, { index = position, function: piece }] of (part?.tool_calls ?? []).entries()) {
      if (index > 100) continue;
      const call = (calls[index] ??= { name: "", args: "" });
      call.name += piece?.name ?? "";
      call.args += piece?.arguments ?? "";
    }
    return said;
  };
  return {
    take(data) {
      if (data.trim() === "[DONE]") {
        ended = true;
        return { kind: "end" };
      }
      const json = parseJson(data);
      const trouble = streamErrorOf(json, data);
      if (trouble) return trouble;
      const parsed = chunk.safeParse(json);
      if (!parsed.success) return { kind: "other" };
      usage = usageFields(parsed.data.usage, usage);
      const own = parsed.data.choices.find(({ index }) => index === 0);
      finish = own?.finish_reason ?? finish;
      return { kind: "piece", text: add(own?.delta ?? own?.message) };
    },
    begun: () => calls.length > 0 || [...pieces, ...reasoning].some((piece) => piece !== ""),
    completion: () =>
      finish === undefined && !ended
        ? undefined
        : {
            text: answerText(pieces.join(""), calls.filter(Boolean)),
            reasoning: reasoning.join(""),
            finishReason: finishReasonOf(finish),
            usage: readUsage(usage),
          },
  };
}

const failing = z.union([z.object({ error: z.unknown() }), z.object({ object: z.literal("error") })]);
const status = z.object({ error: z.object({ code: z.coerce.number().int().min(400).max(599) }) });

/** An error within a stream: `{error: …}`, or flat with `"object": "error"`. */
function streamErrorOf(json: unknown, data: string): StreamError | undefined {
  const parsed = failing.safeParse(json);
  if (!parsed.success || ("error" in parsed.data && !parsed.data.error)) return undefined;
  const code = status.safeParse(json);
  return { kind: "error", errorBody: readErrorBody(data), status: code.success ? code.data.error.code : 500 };
}
