#!/bin/bash
# @arizeai/openinference-instrumentation-openai 4.2.7 with the OpenTelemetry SDK for Node (sdk-trace-node 2.12.1) and
# openai 6.49.0, beside @traceloop/instrumentation-openai 0.27.0, seen 2026-11-29.
#
# Seen: each call of the model becomes a span, and OpenInference writes every message of the request into it as
# attributes of their own (llm.input_messages.N.message.role, .content …), the request first. The SDK keeps the first
# 128 attributes of a span by default and drops what comes later, without a word on the console. In a conversation of 60
# plain messages all token counts are missing from the span, in one of 100 the whole answer too; a call of a tool takes
# several attributes, so an agent is there sooner. What is left looks healthy: the status is OK, only
# droppedAttributesCount tells. Traceloop's spans hold the messages as one JSON text each way and lose nothing.
#
# Guessed: what an instrumentation and an SDK do in their default settings keeps the answer and the tokens, which is
# what one traces for; a limit would cut the longest text, not the newest. Sums of tokens or cost over such traces leave
# out just the dear calls of long runs. Set OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT (spanLimits.attributeCountLimit) to
# thousands.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund openai@6.49.0 @arizeai/openinference-instrumentation-openai@4.2.7 @traceloop/instrumentation-openai@0.27.0 \
  @opentelemetry/api@1.9.1 @opentelemetry/instrumentation@0.223.0 @opentelemetry/sdk-trace-base@2.12.1 @opentelemetry/sdk-trace-node@2.12.1 >/dev/null 2>&1
unset OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT OTEL_ATTRIBUTE_COUNT_LIMIT
cat > run.cjs <<'J'
const { createServer } = require("node:http");
const { NodeTracerProvider } = require("@opentelemetry/sdk-trace-node");
const { InMemorySpanExporter, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-base");
const openai = require("openai");
const arize = require("@arizeai/openinference-instrumentation-openai"), traceloop = require("@traceloop/instrumentation-openai");
const kind = process.argv[2];
const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const instrumentation = new (kind === "openinference" ? arize : traceloop).OpenAIInstrumentation();
instrumentation.setTracerProvider(provider);
instrumentation.manuallyInstrument(kind === "openinference" ? openai : openai.OpenAI);
const message = { role: "assistant", content: "the answer" };
const usage = { prompt_tokens: 50_000, completion_tokens: 700, total_tokens: 50_700 };
const answer = JSON.stringify({ id: "1", object: "chat.completion", created: 1, model: "some-model", choices: [{ index: 0, finish_reason: "stop", message }], usage });
const server = createServer((request, response) => request.resume().on("end", () => response.setHeader("content-type", "application/json").end(answer)));
const expected = { openinference: { 3: "tokens true, answer true", 60: "tokens false, answer true", 100: "tokens false, answer false" }, traceloop: { 3: "tokens true, answer true", 60: "tokens true, answer true", 100: "tokens true, answer true" } };
server.listen(0, "127.0.0.1", async () => {
  const client = new openai.OpenAI({ apiKey: "none", baseURL: `http://127.0.0.1:${server.address().port}/v1`, maxRetries: 0 });
  for (const [length, seen] of Object.entries(expected[kind])) {
    exporter.reset();
    const messages = Array.from({ length }, (_, index) => ({ role: index % 2 ? "assistant" : "user", content: `message ${index}` }));
    await client.chat.completions.create({ model: "some-model", messages });
    const { attributes, droppedAttributesCount, status } = exporter.getFinishedSpans()[0];
    const tokens = Object.entries(attributes).some(([name, value]) => /token/.test(name) && value === usage.prompt_tokens);
    const now = `tokens ${tokens}, answer ${JSON.stringify(attributes).includes(message.content)}`;
    console.log(`${kind}, ${length} messages: ${Object.keys(attributes).length} attributes, ${droppedAttributesCount} dropped, status ${status.code}; ${now}`);
    if (now !== seen) { console.log(`CHANGED: expected ${seen}`); process.exitCode = 1; }
  }
  server.close();
});
J
echo "Node $(node --version)"
node run.cjs openinference
node run.cjs traceloop
