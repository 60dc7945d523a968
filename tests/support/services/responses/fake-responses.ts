import type { ServerResponse } from "node:http";
import type { SentMessage } from "../billing/fake-prompt-cache.js";
import { send } from "../fake-faults.js";

// Written from OpenAI's reference of the Responses API (platform.openai.com/docs/api-reference/responses, and its types in the
// package openai 6.49.0), and from the Open Responses specification (openresponses.org, schema/*.tsp of 2026-04-24).

export type InputItem = {
  type?: string;
  role?: string;
  content?: string | { type: string; text: string }[] | null;
  id?: string;
  encrypted_content?: string;
  [field: string]: unknown;
};
export type ResponsesBody = {
  model: string;
  input: string | InputItem[];
  instructions?: string;
  max_output_tokens?: number;
  stream?: boolean;
  text?: { format?: object };
  include?: string[];
  store?: boolean;
  [parameter: string]: unknown;
};

/** What the reference lists for the body of a request. Anything else is refused. */
const known = new Set(
  `background context_management conversation include input instructions max_output_tokens max_tool_calls metadata model
   parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention reasoning
   safety_identifier service_tier store stream stream_options temperature text tool_choice tools top_logprobs top_p
   truncation user`.split(/\s+/),
);
const roles = new Set(["user", "assistant", "system", "developer"]);

/** What the service says of a request that is not as the reference describes it; undefined where it is. */
export function faultOf(body: ResponsesBody): { message: string; param: string; code: string } | undefined {
  const unknown = Object.keys(body).find((name) => !known.has(name));
  if (unknown !== undefined) {
    return { message: `Unknown parameter: '${unknown}'.`, param: unknown, code: "unknown_parameter" };
  }
  const items = typeof body.input === "string" ? [] : body.input;
  for (const [index, item] of items.entries()) {
    const param = `input[${index}]`;
    const next = items[index + 1];
    const isFollowed = /^(?:reasoning|function_call)$/.test(next?.type ?? "") || next?.role === "assistant";
    if (item.type === "reasoning" && isFollowed) continue;
    if (item.type === "reasoning") {
      const message = `Item '${item.id}' of type 'reasoning' was provided without its required following item.`;
      return { message, param, code: "invalid_request_error" };
    }
    // OpenAI looks for the output anywhere; others, such as DeepSeek's service, directly behind its call.
    if (item.type === "function_call" && next?.["call_id"] !== item["call_id"]) {
      const message = `No tool output found for function call ${String(item["call_id"])}.`;
      return { message, param: "input", code: "invalid_request_error" };
    }
    if (item.type === "function_call" || item.type === "function_call_output") continue;
    if (roles.has(item.role ?? "")) continue;
    return { message: `Invalid value: '${String(item.type ?? item.role)}'.`, param, code: "invalid_value" };
  }
  return undefined;
}

/** The messages among the items, as Chat Completions has them. */
export const messagesOf = ({ input, instructions }: ResponsesBody): SentMessage[] => [
  ...(instructions === undefined ? [] : [{ role: "system" as const, content: instructions }]),
  ...(typeof input === "string" ? [{ role: "user" as const, content: input }] : input.map(asMessage).filter(isMessage)),
];

/** A call and its output count as what was said. */
function asMessage(item: InputItem): InputItem {
  if (item.type === "function_call") return { role: "assistant", content: String(item["arguments"]) };
  return item.type === "function_call_output" ? { role: "user", content: item["output"] as string } : item;
}

const isMessage = (item: InputItem): item is InputItem & SentMessage =>
  item.role !== undefined && item.content !== undefined;

/** What is sent to the Responses API, under the names of Chat Completions. */
export function asChat(body: ResponsesBody) {
  const { text, max_output_tokens: limit, ...more } = body;
  const messages = messagesOf(body);
  return {
    ...more,
    messages,
    ...(limit !== undefined && { max_completion_tokens: limit }),
    ...(text?.format && { response_format: text.format }),
  };
}

export type Answered = {
  body: ResponsesBody;
  text: string | null;
  finish: string;
  usage?: object | null;
  reasoning?: InputItem;
};

/** What the service works on: who looks for it finds it so often under way. */
export function createBackground(looks: number) {
  const waiting = new Map<string, { whole: object; left: number; cancelled: boolean }>();
  return {
    waiting,
    /** Answers to the request that begins it. */
    begin(response: ServerResponse, answered: Answered): void {
      const id = `resp_${waiting.size + 1}`;
      const whole = { ...responseOf(answered), id, background: true };
      waiting.set(id, { whole, left: looks, cancelled: false });
      send(response, 200, { ...whole, status: "queued", output: [], usage: null, completed_at: null });
    },
    /** Answers to who looks, or cancels. */
    look(response: ServerResponse, path: string): void {
      const [, id = "", cancels] = /\/responses\/(\w+)(\/cancel)?/.exec(path) ?? [];
      const one = waiting.get(id);
      if (!one) return send(response, 404, { error: { message: `Response with id '${id}' not found.`, code: null } });
      one.cancelled ||= cancels !== undefined;
      const status = one.cancelled ? "cancelled" : "in_progress";
      const isUnderWay = one.cancelled || one.left-- > 0;
      send(response, 200, isUnderWay ? { ...one.whole, status, output: [], usage: null } : one.whole);
    },
  };
}

/** Answers as the service does: with one object, or with its events where a stream was asked for. */
export function sendResponse(response: ServerResponse, answered: Answered, headers: Record<string, string> = {}): void {
  const whole = responseOf(answered);
  if (answered.body.stream !== true) return send(response, 200, whole, headers);
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", ...headers });
  response.end(eventsOf(whole).map(eventText).join(""));
}

export type WholeResponse = ReturnType<typeof responseOf>;

/** The response object of the reference. */
export function responseOf({ body, text, finish, usage, reasoning }: Answered) {
  const status = finish === "stop" ? "completed" : "incomplete";
  const reasons: Record<string, string> = { length: "max_output_tokens", content_filter: "content_filter" };
  const message = {
    ...{ type: "message", id: "msg_1", status, role: "assistant" },
    content: [{ type: "output_text", text: text ?? "", annotations: [], logprobs: [] }],
  };
  return {
    ...{ id: "resp_1", object: "response", created_at: 0, completed_at: status === "completed" ? 1 : null },
    ...{ status, background: false, error: null, model: body.model, instructions: null },
    incomplete_details: status === "incomplete" ? { reason: reasons[finish] ?? finish } : null,
    output: [...(reasoning ? [reasoning] : []), ...(text === null ? [] : [message])],
    ...{ parallel_tool_calls: true, previous_response_id: null, store: body.store ?? true, temperature: 1, tools: [] },
    usage: usage ?? null,
  };
}

/** The usage of a response, out of that of a chat completion. */
export function usageInResponse(usage: object | null): object | null {
  if (usage === null) return null;
  const {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: total,
    ...details
  } = usage as Record<string, unknown>;
  return {
    ...(input !== undefined && { input_tokens: input }),
    ...(output !== undefined && { output_tokens: output }),
    ...(total !== undefined && { total_tokens: total }),
    ...("prompt_tokens_details" in details && { input_tokens_details: details["prompt_tokens_details"] }),
    output_tokens_details: { reasoning_tokens: 0 },
  };
}

/** The events of a streamed response in the order of the reference. */
export function eventsOf(whole: WholeResponse): object[] {
  const begun = {
    ...whole,
    status: "in_progress",
    output: [],
    usage: null,
    completed_at: null,
    incomplete_details: null,
  };
  const last = whole.status === "completed" ? "response.completed" : "response.incomplete";
  return [
    { type: "response.created", response: begun },
    { type: "response.in_progress", response: begun },
    ...whole.output.flatMap((item, index) => itemEvents(item as InputItem, index)),
    { type: last, response: whole },
  ].map((event, index) => ({ ...event, sequence_number: index }));
}

function itemEvents(item: InputItem, index: number): object[] {
  const place = { item_id: item.id, output_index: index, content_index: 0 };
  const text = Array.isArray(item.content) ? (item.content[0]?.text ?? "") : "";
  const begun = { ...item, status: "in_progress", ...(item.content && { content: [] }) };
  const said = [
    { type: "response.content_part.added", ...place, part: { type: "output_text", text: "", annotations: [] } },
    ...(text.match(/[^]{1,40}/gu) ?? []).map((delta) => ({ type: "response.output_text.delta", ...place, delta })),
    { type: "response.output_text.done", ...place, text },
    { type: "response.content_part.done", ...place, part: { type: "output_text", text, annotations: [] } },
  ];
  return [
    { type: "response.output_item.added", output_index: index, item: begun },
    ...(item.type === "message" ? said : []),
    { type: "response.output_item.done", output_index: index, item },
  ];
}

export const eventText = (event: object): string =>
  `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`;
