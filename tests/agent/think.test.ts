import assert from "node:assert/strict";
import { test } from "node:test";
import { createThink, type ThinkOptions } from "../../src/agent/think.js";
import { BudgetError, ModelError } from "../../src/errors.js";
import type { AgentEvent, Step } from "../../src/history/events.js";
import { createCatalog } from "../../src/model/catalog/catalog.js";
import { createTokenCounter } from "../../src/model/tokens.js";
import { replySchema } from "../model/compose.js";
import { scriptedModel, type AnswerScript } from "../support/scripted-model.js";
import { keepingMemory } from "./scripted-loop.js";

function thinkOn(answers: AnswerScript, options: Partial<ThinkOptions> = {}, onContext?: () => void) {
  const model = scriptedModel(answers);
  const events: AgentEvent[] = [];
  const memory = keepingMemory();
  const thinking = createThink({
    ...{ model, memory, counter: createTokenCounter(createCatalog().get(model.name)), run: "run-1", replySchema },
    ...{ systemPrompt: "You write notes.", purpose: "Write notes" },
    ...{ contextTokens: 8_000, answerTokens: 1_000, mostAnswerTokens: 16_000 },
    guidance: () => ({ remark: null, otherwise: false, leftOut: new Set<number>() }),
    emit: (event) => Promise.resolve(void events.push(event)),
    ...options,
  });
  const { signal } = new AbortController();
  const think = (steps: readonly Step[]) => thinking(steps, signal, onContext);
  const limits = (): number[] => model.requests.map(({ answerTokens }) => answerTokens);
  return { think, model, events, memory, limits };
}

const stepOf = (step: number, text: string): Step => ({
  ...{ step, text: `reply ${step}`, outcome: "ran", command: { name: "read", args: {} } },
  result: { ok: true, text },
});
const cut = { text: "half a re", finishReason: "length" } as const;
const tooLong = new ModelError("context-too-long", "Too long.");

test("the context is on record before the request, which is for this step and has the form of a reply", async () => {
  const { think, model, events } = thinkOn(["a reply"]);
  assert.deepEqual(await think([stepOf(1, "one")]), { text: "a reply", cutOff: null });
  const [request] = model.requests;
  assert.deepEqual([request?.step, request?.purpose, request?.replySchema], [2, "think", replySchema]);
  assert.deepEqual(
    request?.messages.map(({ role }) => role),
    ["system", "assistant", "user", "user"],
  );
  const [built] = events;
  assert.ok(built?.type === "context-built");
  assert.deepEqual([built.step, built.messages], [2, request?.messages.length]);
});

test("memory is asked by the goals before there is a history, then by what was said last, without what is shown", async () => {
  const { think, memory } = thinkOn(["a", "b", "c", "d"]);
  const steps = Array.from({ length: 6 }, (_, place) => stepOf(place + 1, `the harbour ${place + 1}`));
  for (const length of [0, 1, 2, 6]) await think(steps.slice(0, length));
  const [first, second, third, last] = memory.queries as { query: string; near: string[]; unless: unknown }[];
  assert.deepEqual([first?.query, first?.near], ["Write notes", ["Write notes"]]);
  assert.match(second?.query ?? "", /reply 1\n.*the harbour 1/s);
  assert.deepEqual(second?.unless, [{ run: "run-1", fromStep: 1 }]);
  // The newest step has no vector yet.
  assert.deepEqual(second?.near, ["Write notes"]);
  assert.deepEqual(third?.near, ["Assistant Reply: reply 1\nResult: the harbour 1"]);
  assert.deepEqual(
    last?.near.map((text) => text.at(-1)),
    ["2", "3", "4", "5"],
  );
});

test("about what a person has just said memory is asked at once", async () => {
  const { think, memory } = thinkOn(["a"]);
  await think([{ ...stepOf(1, "the lighthouse"), outcome: "feedback" }]);
  const [asked] = memory.queries as { near: string[] }[];
  assert.match(asked?.near.join() ?? "", /the lighthouse/);
});

test("it is told once that the context is there, before the request is sent, however often that is repeated", async () => {
  const told: number[] = [];
  const { think, model } = thinkOn([new ModelError("context-too-long", "Too long."), "a"], {}, () => {
    told.push(model.requests.length);
  });
  await think([stepOf(1, "a")]);
  assert.deepEqual([told, model.requests.length], [[0], 2]);
});

test("a reply that is cut off gets four times the room, once; the next step begins with the usual room", async () => {
  const { think, limits } = thinkOn([cut, "whole", "next"]);
  assert.deepEqual(await think([]), { text: "whole", cutOff: null });
  await think([]);
  assert.deepEqual(limits(), [1_000, 4_000, 1_000]);
});

test("one that is cut off again is given back as such, with what the model can do about it", async () => {
  const { think, limits } = thinkOn([cut, cut]);
  const { text, cutOff } = await think([]);
  assert.equal(text, "half a re");
  assert.match(cutOff ?? "", /cut off\. Be shorter: .*append_to_file/);
  assert.deepEqual(limits(), [1_000, 4_000]);
});

test("no more room is asked for than the model has", async () => {
  const small = thinkOn([cut, cut], { mostAnswerTokens: 1_500 });
  await small.think([]);
  assert.deepEqual(small.limits(), [1_000, 1_500]);
  const none = thinkOn([cut], { mostAnswerTokens: 1_000 });
  assert.notEqual((await none.think([])).cutOff, null);
  assert.deepEqual(none.limits(), [1_000]);
});

test("hidden reasoning that eats a whole answer has the larger room from then on", async () => {
  const { think, limits } = thinkOn([{ ...cut, text: " " }, "whole", "next"]);
  await think([]);
  await think([]);
  assert.deepEqual(limits(), [1_000, 4_000, 4_000]);
});

test("a context that the server finds too long is halved for good, and the newest step stays in it", async () => {
  const steps = [1, 2, 3, 4].map((step) => stepOf(step, `result ${step} ${"word ".repeat(1_000)}`));
  const { think, model, events } = thinkOn([tooLong, "a reply", "another"]);
  assert.equal((await think(steps)).text, "a reply");
  await think(steps);
  const sizes = events.flatMap((event) => (event.type === "context-built" ? [event.tokens] : []));
  assert.ok((sizes[0] ?? 0) > 4_000 && (sizes[1] ?? Infinity) <= 4_000, String(sizes));
  assert.equal(sizes[2], sizes[1]);
  for (const { messages } of model.requests) assert.match(messages.at(-2)?.content ?? "", /result 4 word/);
});

test("a context that cannot be halved any more, and any other failure, is thrown", async () => {
  const small = thinkOn([tooLong], { contextTokens: 1_900 });
  await assert.rejects(small.think([]), tooLong);
  const other = new ModelError("refused", "No.");
  await assert.rejects(thinkOn([other]).think([]), other);
});

test("who looks at contexts sees each one before it is sent; who listens to the answer is handed on", async () => {
  const seen: number[] = [];
  const onText = (): void => undefined;
  const { think, model } = thinkOn(["a"], {
    onText,
    inspect: (messages, counts, budget) => {
      assert.equal(counts.messages, messages.length);
      seen.push(budget, model.requests.length);
      return Promise.resolve();
    },
  });
  await think([]);
  assert.deepEqual(seen, [8_000, 0]);
  assert.equal(model.requests[0]?.onText, onText);
});

test("where somebody looks at a context that could not be put on record, no request is sent for it", async () => {
  const full = new Error("disk full");
  const { think, model } = thinkOn(["a"], {
    emit: () => Promise.reject(full),
    inspect: () => Promise.resolve(),
  });
  await assert.rejects(think([]), full);
  assert.equal(model.requests.length, 0);
});

test("a model that gives no more than a reply has had is not asked for a longer one", async () => {
  const { think, limits } = thinkOn([{ ...cut, mostTokens: 800 }]);
  assert.match((await think([])).cutOff ?? "", /cut off/);
  assert.deepEqual(limits(), [1_000]);
});

test("what a content filter refuses is left out: the newest result, then all with the memories, then it is an end", async () => {
  const filtered = new ModelError("filtered", "A content filter refuses it.");
  const { think, model, memory } = thinkOn([filtered, "a", "b", filtered, filtered, "c", filtered, filtered]);
  const steps = [stepOf(1, "harmless"), stepOf(2, "the word")];
  const shown = () => (model.requests.at(-1)?.messages ?? []).map(({ content }) => content).join("\n");
  assert.equal((await think(steps)).text, "a");
  assert.match(shown(), /harmless.*reply 2.*left out: a content filter/s);
  assert.doesNotMatch(shown(), /the word/);
  steps.push(stepOf(3, "fine"));
  assert.equal((await think(steps)).text, "b");
  assert.match(shown(), /harmless.*left out.*fine/s);
  assert.doesNotMatch(shown(), /the word/, "it stays left out");
  const recalled = memory.queries.length;
  assert.equal((await think(steps)).text, "c");
  assert.doesNotMatch(shown(), /harmless|the word|fine/);
  assert.equal(memory.queries.length, recalled + 2, "the last request recalls nothing");
  await assert.rejects(think([...steps, stepOf(4, "last")]), filtered);
});

test("the last request before a limit says so, and is made smaller until it fits", async () => {
  const sizes: number[] = [];
  const { think, model, events } = thinkOn(["a reply"], {
    wrapUp: {
      isNear: () => false,
      look: () => "tokens",
      isLastAfterAll: () => false,
      isTooLarge: (_step, { length }) => sizes.push(length) > 0 && length > 6,
      took: () => undefined,
    },
  });
  await think(Array.from({ length: 30 }, (_, index) => stepOf(index + 1, "words ".repeat(100))));
  assert.ok((sizes[0] ?? 0) > 30 && (sizes.at(-1) ?? 7) <= 6, sizes.join(" "));
  const sent = model.requests[0]?.messages ?? [];
  assert.equal(sent.length, sizes.at(-1));
  assert.match(sent.at(-2)?.content ?? "", /result of step 30/);
  assert.match(sent.at(-1)?.content ?? "", /The budget left pays for about one more request\./);
  assert.deepEqual(
    events.flatMap((event) => (event.type === "context-built" ? [event.lastBefore] : [])),
    ["tokens"],
  );
});

test("a request that fails for what is held back is made again as the last one", async () => {
  const heldBack = new BudgetError("limit-tokens", "Too little.", true);
  let isLast = false;
  const { think, model } = thinkOn([heldBack, "the last reply"], {
    wrapUp: {
      look: () => (isLast ? "tokens" : null),
      isLastAfterAll: () => !isLast && (isLast = true),
      isNear: () => false,
      isTooLarge: () => false,
      took: () => undefined,
    },
  });
  assert.equal((await think([])).text, "the last reply");
  assert.equal(model.requests.length, 2);
  await assert.rejects(thinkOn([new BudgetError("limit-tokens", "Too little.")]).think([]), { reason: "limit-tokens" });
});
