import { createHash } from "node:crypto";
import type { JournalEvent } from "../../../history/events.js";
import { isSettlement, openRequests } from "../../../history/open-requests.js";
import type { ExportedRun } from "./exported-run.js";

type Value =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: string }
  | { doubleValue: number }
  | { arrayValue: { values: Value[] } };
type Attribute = { key: string; value: Value };

/** Kinds and states of spans, by their numbers in OTLP. */
const internal = 1;
const client = 3;
const failed = 2;

/**
 * A run as traces in OTLP/JSON: one trace, with a span for the run, each request to a model and each command, named and described by
 * the semantic conventions for generative AI. Texts are not in it. The same run gives the same ids.
 */
export function otlp({ report, events, version }: ExportedRun): object {
  const { run, start } = report;
  const traceId = idOf(run, 32);
  const root = idOf(`${run} run`, 16);
  const times = events.map((event) => Date.parse(event.time));
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const agent = {
    ...{ traceId, spanId: root, name: `invoke_agent ${start.aiName}`, kind: internal, ...span(first, last) },
    attributes: attributes({
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.provider.name": "openai",
      "gen_ai.agent.name": start.aiName,
      "gen_ai.agent.id": start.aiName,
      "gen_ai.conversation.id": run,
      "gen_ai.request.model": start.model.smart,
      ...(report.usage && {
        "gen_ai.usage.input_tokens": report.usage.promptTokens,
        "gen_ai.usage.output_tokens": report.usage.completionTokens,
        "autogpt.cost_usd": report.usage.costUsd,
      }),
      "autogpt.state": report.state,
      ...(report.end !== null && report.end.exitCode !== 0 && { "error.type": report.end.reason }),
    }),
    ...(report.end !== null && report.end.exitCode !== 0 && { status: { code: failed, message: report.end.reason } }),
  };
  const inner = [...requestSpans(events), ...commandSpans(events)].map(({ id, ...one }) => ({
    ...{ traceId, spanId: idOf(`${run} ${id}`, 16), parentSpanId: root },
    ...one,
  }));
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes({ "service.name": "autogpt", "service.version": version }) },
        scopeSpans: [{ scope: { name: "autogpt", version }, spans: [agent, ...inner] }],
      },
    ],
  };
}

type Span = {
  id: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status?: { code: number; message: string };
};

/** Each request with what settled it, the oldest of its step first. */
function requestSpans(events: readonly JournalEvent[]): Span[] {
  const requests = openRequests();
  const spans: Span[] = [];
  for (const event of events) {
    if (event.type === "model-requested") requests.add(event);
    if (!isSettlement(event)) continue;
    const asked = requests.settledBy(event);
    if (asked === undefined) continue;
    const operation =
      asked.purpose === "embedding" ? "embeddings" : asked.purpose === "image" ? "generate_content" : "chat";
    const finish = event.type === "model-replied" ? event.finishReason : undefined;
    spans.push({
      ...{ id: `request ${asked.seq}`, name: `${operation} ${asked.model}`, kind: client },
      ...span(Date.parse(asked.time), Date.parse(event.time)),
      attributes: attributes({
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": asked.model,
        "gen_ai.usage.input_tokens": event.usage.promptTokens,
        "gen_ai.usage.output_tokens": event.usage.completionTokens,
        "gen_ai.usage.cache_read.input_tokens": event.usage.cachedTokens,
        ...(finish !== undefined && { "gen_ai.response.finish_reasons": [finish] }),
        "autogpt.purpose": asked.purpose,
        "autogpt.step": asked.step,
        "autogpt.cost_usd": event.costUsd,
        ...(event.type !== "model-replied" && { "error.type": event.type }),
      }),
      ...(event.type !== "model-replied" && { status: { code: failed, message: event.type } }),
    });
  }
  return spans;
}

function commandSpans(events: readonly JournalEvent[]): Span[] {
  const starts = new Map<number, Extract<JournalEvent, { type: "command-start" }>>();
  const spans: Span[] = [];
  for (const event of events) {
    if (event.type === "command-start") starts.set(event.step, event);
    if (event.type !== "step-end") continue;
    const start = starts.get(event.step);
    if (start === undefined) continue;
    spans.push({
      ...{ id: `command ${event.step}`, name: `execute_tool ${start.command.name}`, kind: internal },
      ...span(Date.parse(start.time), Date.parse(event.time)),
      attributes: attributes({
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": start.command.name,
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": `call-${event.step}`,
        "autogpt.step": event.step,
        ...(start.effect !== undefined && { "autogpt.effect": start.effect }),
        ...(!event.result.ok && { "error.type": event.outcome }),
      }),
      ...(!event.result.ok && { status: { code: failed, message: event.outcome } }),
    });
  }
  return spans;
}

const span = (start: number, end: number): Pick<Span, "startTimeUnixNano" | "endTimeUnixNano"> => ({
  startTimeUnixNano: `${BigInt(start) * 1_000_000n}`,
  endTimeUnixNano: `${BigInt(Math.max(start, end)) * 1_000_000n}`,
});

const idOf = (text: string, digits: number): string => createHash("sha256").update(text).digest("hex").slice(0, digits);

const attributes = (values: Readonly<Record<string, string | number | boolean | readonly string[]>>): Attribute[] =>
  Object.entries(values).map(([key, value]) => ({ key, value: valueOf(value) }));

function valueOf(value: string | number | boolean | readonly string[]): Value {
  if (typeof value === "string") return { stringValue: value.toWellFormed() };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map(valueOf) } };
}
