import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { errorBody, reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType } from "../../support/program.js";
import { newestResult, scriptedWorld, type World } from "../support/scripted-world.js";

const nothing = reply("do_nothing");
const ended = async (world: World, args: readonly string[]) => {
  const { code, stdout, stderr } = await world.run([...args, "--output-format", "json"]);
  const end = JSON.parse(stdout) as RunEnd;
  assert.equal(end.exitCode, code);
  return { code, reason: end.reason, steps: end.steps, end, stderr };
};

test("pitfall 22: after five replies in a row that cannot be understood the run ends, and nothing ran meanwhile", async (t) => {
  const bad = ["I would rather not.", "[1,2]", '{"thoughts": {}}', "", reply("command name", { "arg name": "value" })];
  const world = await scriptedWorld(t, [reply("write_to_file", { file: "a.txt", text: "once" }), ...bad, nothing]);
  const { code, reason, steps } = await ended(world, ["-c"]);
  assert.deepEqual([code, reason, steps], [4, "bad-replies", 6]);
  assert.deepEqual(
    eventsOfType(await world.journal(), "command-start").map(({ step }) => step),
    [1],
  );
  for (let request = 2; request <= 5; request++) {
    assert.match(newestResult(world.messages(request)), /nothing was executed: .*JSON/);
    assert.match(world.messages(request).at(-1)?.content ?? "", /Determine which next command to use/);
  }
});

test("four bad replies, a good one and four bad ones do not end the run", async (t) => {
  const world = await scriptedWorld(t, [
    ...Array<string>(4).fill("no"),
    nothing,
    ...Array<string>(4).fill("no"),
    reply("task_complete"),
  ]);
  const { code, steps } = await ended(world, ["-c"]);
  assert.deepEqual([code, steps], [0, 10]);
});

test("unknown commands and wrong arguments end the run at ten", async (t) => {
  const world = await scriptedWorld(t, (_request, index) =>
    index % 2 ? reply("fly") : reply("write_to_file", { file: "a" }),
  );
  const { code, reason, steps } = await ended(world, ["-c"]);
  assert.deepEqual([code, reason, steps], [4, "bad-replies", 10]);
  assert.match(
    newestResult(world.messages(1)),
    /Command write_to_file returned: Error: the argument "text" is missing/,
  );
});

test("-c -l 3 ends after three steps with exit 5; steps with bad replies count", async (t) => {
  const world = await scriptedWorld(t, (_request, index) => (index === 1 ? "prose" : nothing));
  const { code, reason, steps } = await ended(world, ["-c", "-l", "3"]);
  assert.deepEqual([code, reason, steps], [5, "limit-steps", 3]);
  assert.equal(world.server.chatRequests().length, 3);
});

test("--max-time ends a run in the middle of a request that hangs, exit 5", async (t) => {
  const world = await scriptedWorld(t, [nothing], { faults: { 1: "hang" } });
  const { code, reason, stderr } = await ended(world, ["-c", "--max-time", "1s"]);
  assert.deepEqual([code, reason], [5, "limit-time"]);
  assert.match(stderr, /--resume --max-time|--max-time/);
});

test("pitfall 32: --max-cost stops before the request that would exceed it, exit 5", async (t) => {
  const world = await scriptedWorld(t, () => nothing);
  const { code, reason } = await ended(world, ["-c", "--max-cost", "0.01"]);
  assert.deepEqual([code, reason], [5, "limit-cost"]);
  assert.ok(world.server.billed().usd <= 0.01);
  assert.ok(world.server.chatRequests().length > 2);
});

test("pitfall 32: api_budget in ai_settings.yaml is a limit too, and --max-cost wins over it", async (t) => {
  const world = await scriptedWorld(t, [nothing, reply("task_complete")], { ai: { more: "api_budget: 0.0001\n" } });
  assert.equal((await ended(world, ["-c"])).reason, "limit-cost");
  assert.equal(world.server.requests.length, 0);
  assert.equal((await ended(world, ["-c", "--max-cost", "1"])).reason, "task-complete");
});

test("--max-tokens stops before the request that would exceed it, exit 5", async (t) => {
  const world = await scriptedWorld(t, () => nothing);
  const { code, reason, end } = await ended(world, ["-c", "--max-tokens", "5k"]);
  assert.deepEqual([code, reason], [5, "limit-tokens"]);
  assert.ok(end.usage.promptTokens + end.usage.completionTokens <= 5000);
});

test("a wrong key, a spent quota and an unknown model end the run with exit 7 after one request", async (t) => {
  const refusals = [
    [401, "invalid_api_key", /OPENAI_API_KEY/],
    [429, "insufficient_quota", /quota|credit|billing/i],
    [404, "model_not_found", /SMART_LLM_MODEL/],
  ] as const;
  for (const [status, code, said] of refusals) {
    const world = await scriptedWorld(t, [{ status, body: errorBody("refused", code) }]);
    const { code: exit, reason, stderr } = await ended(world, ["-c"]);
    assert.deepEqual([exit, reason], [7, "service-failed"]);
    assert.match(stderr, said);
    assert.equal(world.server.requests.length, 1);
  }
});

test("retries that are spent end the run with exit 7 and say how to go on", async (t) => {
  const world = await scriptedWorld(t, [], { faults: () => ({ status: 500 }) });
  const { code, reason, stderr, end } = await ended(world, ["-c"]);
  assert.deepEqual([code, reason], [7, "service-failed"]);
  assert.match(stderr, /It was tried 2 times\. To go on later, run "autogpt --resume"\.$/m);
  assert.match(end.message ?? "", /To go on later, run "autogpt --resume"\.$/);
  assert.equal(world.server.requests.length, 2);
});

test("a command whose model fails tells the AI what happened, and no advice that is meant for the user", async (t) => {
  const refused = (_: unknown, index: number) =>
    index === 1
      ? { status: 401, body: errorBody("refused", "invalid_api_key") }
      : index === 3 || index === 4
        ? { status: 500, body: "" }
        : undefined;
  const code = reply("evaluate_code", { code: "let a" });
  const world = await scriptedWorld(t, [code, code, reply("task_complete")], { faults: refused });
  assert.equal((await ended(world, ["-c"])).code, 0);
  const [first = "", second = ""] = eventsOfType(await world.journal(), "step-end").map(({ result }) => result.text);
  assert.match(first, /Error: .*\(status 401\) wants an API key\./);
  assert.match(second, /Error: .*\(status 500\) has a fault of its own at the moment\. It was tried 2 times\.$/);
  for (const text of [first, second]) assert.doesNotMatch(text, /--resume|OPENAI_API_KEY|[A-Z]_[A-Z]/);
  const asked = JSON.stringify(world.server.chatRequests().map(({ body }) => body?.messages));
  assert.doesNotMatch(asked, /--resume|OPENAI_API_KEY/);
});

test("a command that no longer fits into a limit tells the AI so, and the user how to raise it", async (t) => {
  const world = await scriptedWorld(t, [reply("evaluate_code", { code: "x ".repeat(3_500) }), reply("do_nothing")]);
  const { end } = await ended(world, ["-c", "--max-tokens", "8k"]);
  const [first] = eventsOfType(await world.journal(), "step-end").map(({ result }) => result.text);
  assert.match(first ?? "", /Error: The limit of 8000 tokens leaves \d+: too little for the next request/);
  assert.doesNotMatch(first ?? "", /--resume|--max/);
  assert.match(end.message ?? "", /To go on, run "autogpt --resume" with a higher --max-tokens\.$/);
});

for (const [flag, model] of [
  ["--gpt3only", "gpt-6-luna"],
  ["--gpt4only", "gpt-6.1-terra"],
] as const) {
  test(`${flag}: ${model} answers everything`, async (t) => {
    const script = [
      reply("start_agent", { name: "a", task: "b", prompt: "c" }),
      "agent's answer",
      reply("evaluate_code", { code: "1" }),
      "suggestions",
      reply("task_complete"),
    ];
    const world = await scriptedWorld(t, script);
    assert.equal((await ended(world, ["-c", flag])).code, 0);
    assert.deepEqual(
      world.server.chatRequests().map(({ body }) => body?.model),
      Array(5).fill(model),
    );
  });
}

test("without either, the smart model thinks and works on code and the fast one is the sub-agent", async (t) => {
  const script = [
    reply("start_agent", { name: "a", task: "b", prompt: "c" }),
    "answer",
    reply("improve_code", { suggestions: ["x"], code: "1" }),
    "code",
    reply("task_complete"),
  ];
  const world = await scriptedWorld(t, script, { env: { FAST_LLM_MODEL: "quick", SMART_LLM_MODEL: "clever" } });
  assert.equal((await ended(world, ["-c"])).code, 0);
  assert.deepEqual(
    world.server.chatRequests().map(({ body }) => body?.model),
    ["clever", "quick", "clever", "clever", "clever"],
  );
});
