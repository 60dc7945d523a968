import assert from "node:assert/strict";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import * as z from "zod";
import { cassetteFile } from "../../../src/history/run-log.js";
import { runDirectory } from "../../../src/history/runs.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { writeAi } from "../../support/program.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const later = "sk-key-of-later-0001";
const hostile = `</script>\`\`\`\n# not a heading\u001b[31m\u202e ${later}`;
const script = [
  reply("write_to_file", { file: "a.txt", text: hostile }, { text: hostile, reasoning: "because" }),
  "no JSON at all",
  reply("read_file", { file: "a.txt" }),
  reply("task_complete", { reason: "Done." }),
];

async function completed(t: TestContext): Promise<World> {
  const world = await scriptedWorld(t, [...script, script[0] ?? "", script[3] ?? ""]);
  const { code, stderr } = await world.run(["-c"]);
  assert.equal(code, 0, stderr);
  return world;
}

/** The form of ATIF by its specification: no field besides, and those of the agent only where the agent speaks. */
const shared = {
  step_id: z.int().min(1),
  timestamp: z.iso.datetime().optional(),
  message: z.string(),
  extra: z.looseObject({}).optional(),
};
const trajectory = z.strictObject({
  schema_version: z.enum(["ATIF-v1.5", "ATIF-v1.6", "ATIF-v1.7"]),
  session_id: z.string().min(1),
  agent: z.strictObject({ name: z.string(), version: z.string(), model_name: z.string().optional() }),
  steps: z
    .array(
      z.discriminatedUnion("source", [
        z.strictObject({ ...shared, source: z.literal("system") }),
        z.strictObject({ ...shared, source: z.literal("user") }),
        z.strictObject({
          ...shared,
          source: z.literal("agent"),
          model_name: z.string().optional(),
          reasoning_content: z.string().optional(),
          is_copied_context: z.boolean().optional(),
          tool_calls: z
            .array(
              z.strictObject({ tool_call_id: z.string(), function_name: z.string(), arguments: z.looseObject({}) }),
            )
            .optional(),
          observation: z
            .strictObject({
              results: z.array(z.strictObject({ source_call_id: z.string().optional(), content: z.string() })),
            })
            .optional(),
          metrics: z
            .strictObject({
              prompt_tokens: z.int(),
              completion_tokens: z.int(),
              cached_tokens: z.int(),
              cost_usd: z.number(),
            })
            .optional(),
        }),
      ]),
    )
    .min(1),
  final_metrics: z.strictObject({
    total_prompt_tokens: z.int(),
    total_completion_tokens: z.int(),
    total_cached_tokens: z.int(),
    total_cost_usd: z.number(),
    total_steps: z.int(),
  }),
  extra: z.looseObject({}),
});

const value = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({ arrayValue: z.strictObject({ values: z.array(z.strictObject({ stringValue: z.string() })) }) }),
]);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value }));
const nano = z.string().regex(/^\d{19}$/);
const traces = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string(), version: z.string() }),
          spans: z.array(
            z.strictObject({
              traceId: z.string().regex(/^[0-9a-f]{32}$/),
              spanId: z.string().regex(/^[0-9a-f]{16}$/),
              parentSpanId: z
                .string()
                .regex(/^[0-9a-f]{16}$/)
                .optional(),
              name: z.string(),
              kind: z.union([z.literal(1), z.literal(3)]),
              startTimeUnixNano: nano,
              endTimeUnixNano: nano,
              attributes,
              status: z.strictObject({ code: z.literal(2), message: z.string() }).optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

test("export writes a run as ATIF, OTLP traces, a transcript and chat messages, each in its form", async (t) => {
  const world = await completed(t);
  const exported = async (format: string, env: Record<string, string> = {}): Promise<string> => {
    const { code, stdout, stderr } = await world.run(["export", "last", "--format", format], { env });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const { steps, final_metrics: metrics } = trajectory.parse(JSON.parse(await exported("atif")));
  assert.deepEqual(
    steps.map(({ step_id: id, source }) => [id, source]),
    [
      [1, "system"],
      [2, "user"],
      [3, "agent"],
      [4, "agent"],
      [5, "agent"],
      [6, "agent"],
    ],
  );
  const [, , first] = steps;
  assert.ok(first?.source === "agent");
  assert.equal(first.message, hostile);
  assert.equal(first.tool_calls?.[0]?.tool_call_id, first.observation?.results[0]?.source_call_id);
  assert.ok(metrics.total_cost_usd > 0);

  const text = await exported("otlp");
  const spans = traces.parse(JSON.parse(text)).resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
  const names = spans.map(({ name }) => name.split(" ")[0]);
  assert.deepEqual([names[0], names.filter((name) => name === "chat").length], ["invoke_agent", 4]);
  assert.deepEqual(names.filter((name) => name === "execute_tool").length, 3);
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length);
  assert.equal(await exported("otlp"), text, "the same run gives the same ids");

  const page = await exported("markdown");
  assert.match(page, /## Step 1: `write_to_file`/);
  assert.doesNotMatch(page, /\u001b|\u202e/);
  const outside = page.replace(/^(`{3,})text\n[^]*?^\1$/gm, "");
  assert.doesNotMatch(outside, /not a heading|<\/script>/);
  const { messages } = JSON.parse(await exported("chat")) as { messages: { role: string }[] };
  assert.deepEqual(messages.map(({ role }) => role).slice(-4), ["assistant", "user", "assistant", "user"]);

  for (const format of ["atif", "markdown", "chat"]) {
    assert.ok((await exported(format)).includes(later));
    assert.ok(!(await exported(format, { OPENAI_API_KEY: later })).includes(later), "it became a key after the run");
  }

  const received: string[] = [];
  const collector = createServer((request, response) => {
    request.setEncoding("utf8").on("data", (piece: string) => received.push(piece));
    request.on("end", () => response.end("{}"));
    received.push(`${request.url} ${request.headers["x-key"]} ${request.headers.authorization} `);
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
  t.after(() => collector.close());
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=secret%20one,authorization=Basic c2VjcmV0=",
  };
  assert.match(await exported("otlp", env), /^Sent to http.*\/v1\/traces\n$/);
  assert.equal(received.join(""), `/v1/traces secret one Basic c2VjcmV0= ${text}`);
  for (const headers of ["x-key=%", "x-key=hidden%0Ax", "x key=hidden"]) {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers };
    const { code, stderr } = await world.run(["export", "last", "--format", "otlp"], { env });
    assert.deepEqual([code, /the header 1 is none/.test(stderr), stderr.includes("hidden")], [2, true, false], stderr);
  }
});

test("compare shows where two runs part, with what each came to", async (t) => {
  const world = await completed(t);
  assert.equal((await world.run(["-c"])).code, 0);
  const { runs } = JSON.parse(`{"runs":${(await world.run(["runs", "--json"])).stdout}}`) as {
    runs: { run: string }[];
  };
  const [first, second] = runs.sort((one, other) => (one.run < other.run ? -1 : 1)).map(({ run }) => run);
  const text = (await world.run(["compare", first ?? "", second ?? ""])).stdout;
  assert.match(text, /The runs part in step 2/);
  assert.match(text, /steps +4 +2/);
  assert.match(text, /goal 1: Do it +\w+ +\w+/);
  const same = await world.run(["compare", first ?? "", first ?? "", "--json"]);
  assert.deepEqual((JSON.parse(same.stdout) as { parting: null; sameSteps: number }).parting, null);
  const key = "criticism";
  const masked = (await world.run(["compare", first ?? "", second ?? ""], { env: { OPENAI_API_KEY: key } })).stdout;
  assert.deepEqual(
    [text.includes(key), masked.includes(key), masked.includes("[secret]")],
    [true, false, true],
    masked,
  );
  assert.doesNotMatch(text, /is not compared/);
  await rm(cassetteFile(runDirectory(join(world.folder, ".autogpt"), second ?? "")));
  const without = (await world.run(["compare", first ?? "", second ?? ""])).stdout;
  assert.match(without, new RegExp(`What the model was asked is not compared: there is no record of ${second}\\.`));
});

test("compare looks at all requests of a step, whatever had to be sent again, and at goals that only one run has", async (t) => {
  const over = {
    status: 429,
    body: { error: { message: "slow down", type: "requests", code: "rate_limit_exceeded" } },
  };
  const world = await scriptedWorld(t, [
    ...[
      over,
      script[0] ?? "",
      reply("evaluate_code", { code: "x = 1" }),
      "Fine.",
      reply("task_complete", { reason: "" }),
    ],
    ...[script[0] ?? "", reply("evaluate_code", { code: "x = 1" }), "Fine.", reply("task_complete", { reason: "" })],
    ...[script[0] ?? "", reply("evaluate_code", { code: "x = 1" }), "Bad.", reply("task_complete", { reason: "" })],
  ]);
  const run = async (): Promise<string> => {
    assert.equal((await world.run(["-c"])).code, 0);
    return (await world.journal())[0]?.type === "run-start" ? ((await world.journal())[0] as { run: string }).run : "";
  };
  const [first, second] = [await run(), await run()];
  await writeAi(world.folder, { goals: ["Do it", "And this"] });
  const third = await run();
  const compared = async (one: string, other: string): Promise<string> =>
    (await world.run(["compare", one, other])).stdout;
  assert.match(await compared(first, second), /Both runs are the same in all of their 3 steps/);
  assert.match(await compared(second, third), /The runs part in step 1, in what the model was asked/);
  assert.match(await compared(second, third), /goal 2: And this +not a goal +\w+/);
});
