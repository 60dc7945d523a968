import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatRequest, Message } from "../../src/model/model.js";
import { createSubagents, type Subagents, type SubagentOptions } from "../../src/subagents/subagents.js";
import type { SubagentEvent } from "../../src/history/events.js";

const call = { step: 3, signal: new AbortController().signal };
const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1 };

/** Sub-agents whose model answers `echo: …` to the last message, or fails where that says so. */
function open(options: Partial<SubagentOptions> = {}): {
  subagents: Subagents;
  requests: ChatRequest[];
  events: SubagentEvent[];
} {
  const requests: ChatRequest[] = [];
  const events: SubagentEvent[] = [];
  const subagents = createSubagents({
    model: {
      name: "fast",
      async send(request) {
        requests.push(request);
        const text = request.messages.at(-1)?.content ?? "";
        if (text === "fail") throw new Error("the model failed");
        return { text: `echo: ${text}`, finishReason: "stop", usage };
      },
    },
    emit: async (event) => void events.push(event),
    contextTokens: 1_000,
    answerTokens: 100,
    countTokens: (messages) => messages.reduce((sum, { content }) => sum + content.length, 0),
    ...options,
  });
  return { subagents, requests, events };
}
const contents = (messages: readonly Message[] = []): string[] => messages.slice(1).map(({ content }) => content);

test("pitfall 88: a sub-agent has a system prompt of its own and keeps its conversation", async () => {
  const { subagents, requests } = open();
  assert.deepEqual(await subagents.create("Clerk", "count", "one", call), { key: "0", answer: "echo: one" });
  assert.equal(await subagents.message("0", "two", call), "echo: two");
  const [system] = requests[1]?.messages ?? [];
  assert.equal(system?.role, "system");
  assert.match(system.content, /You are Clerk, .*this task: count/);
  assert.deepEqual(contents(requests[1]?.messages), ["one", "echo: one", "two"]);
  assert.deepEqual([requests[1]?.purpose, requests[1]?.answerTokens, requests[1]?.step], ["agent", 100, 3]);
});

test("pitfall 88: a conversation stays within the window: the first message and the newest ones are sent", async () => {
  const { subagents, requests } = open();
  await subagents.create("Clerk", "t", "FIRST", call);
  for (let index = 0; index < 30; index++) await subagents.message("0", `message ${index} ${"x".repeat(100)}`, call);
  const sent = requests.at(-1)?.messages ?? [];
  assert.ok(contents(sent).join("").length <= 1_000);
  assert.equal(sent[1]?.content, "FIRST");
  assert.match(sent.at(-1)?.content ?? "", /^message 29 /);
  assert.ok(sent.length > 6);
  await subagents.message("0", "y".repeat(5_000), call);
  assert.deepEqual(contents(requests.at(-1)?.messages), ["FIRST", "y".repeat(5_000)]);
});

test("keys are never used twice, and a deleted or unknown sub-agent is said to be missing", async () => {
  const { subagents } = open();
  await subagents.create("A", "a", "1", call);
  assert.equal(await subagents.delete("0", 1), true);
  assert.equal(await subagents.delete("0", 1), false);
  assert.equal((await subagents.create("B", "b", "1", call)).key, "1");
  assert.deepEqual(subagents.list(), [{ key: "1", name: "B", task: "b" }]);
  await assert.rejects(subagents.message("0", "x", call), /no agent with the key "0".*list_agents/);
});

test("a message that fails leaves the conversation as it was; a first one that fails leaves no sub-agent", async () => {
  const { subagents, requests } = open();
  await assert.rejects(subagents.create("A", "a", "fail", call));
  assert.deepEqual(subagents.list(), []);
  await subagents.create("B", "b", "one", call);
  await assert.rejects(subagents.message("1", "fail", call));
  await subagents.message("1", "two", call);
  assert.deepEqual(contents(requests.at(-1)?.messages), ["one", "echo: one", "two"]);
});

test("what is said is an event before the request and after it, so that a resume has everything", async () => {
  const { subagents, events } = open();
  await subagents.create("A", "a", "one", call);
  assert.deepEqual(events, [
    { type: "agent-message", step: 3, key: "0", role: "user", text: "one", name: "A", task: "a" },
    { type: "agent-message", step: 3, key: "0", role: "assistant", text: "echo: one" },
  ]);
});

test("the events of an earlier part bring everything back: conversations, deletions, keys that were used", async () => {
  const before = open();
  await before.subagents.create("A", "a", "one", call);
  await before.subagents.create("B", "b", "one", call);
  await before.subagents.message("1", "two", call);
  await assert.rejects(before.subagents.message("1", "fail", call));
  await before.subagents.delete("0", 5);
  await assert.rejects(before.subagents.create("C", "c", "fail", call));

  const after = open({ history: before.events });
  assert.deepEqual(after.subagents.list(), [{ key: "1", name: "B", task: "b" }]);
  await after.subagents.message("1", "three", call);
  assert.deepEqual(contents(after.requests[0]?.messages), ["one", "echo: one", "two", "echo: two", "three"]);
  assert.equal((await after.subagents.create("D", "d", "x", call)).key, "3");
});

test("a crash in the middle of a message costs that message and not the sub-agent", async () => {
  const before = open();
  await before.subagents.create("A", "a", "one", call);
  await before.subagents.message("0", "two", call);
  const after = open({ history: before.events.slice(0, 3) });
  assert.deepEqual(after.subagents.list(), [{ key: "0", name: "A", task: "a" }]);
  await after.subagents.message("0", "three", call);
  assert.deepEqual(contents(after.requests[0]?.messages), ["one", "echo: one", "three"]);
  assert.deepEqual(open({ history: before.events.slice(0, 1) }).subagents.list(), []);
});
