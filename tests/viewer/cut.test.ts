import assert from "node:assert/strict";
import { test } from "node:test";
import { asData } from "../../src/base/text.js";
import { roughCounter } from "../../src/model/tokens.js";
import { buildContext } from "../../src/prompt/context.js";
import type { Step } from "../../src/history/events.js";
import { rangesOf, sentContext } from "../../src/viewer/page/detail/cut.js";

const step = (number: number, outcome: Step["outcome"] = "ran", text = "x ".repeat(300)): Step => ({
  ...{ step: number, text: `reply ${number}`, outcome, command: { name: "read_file", args: { file: "a" } } },
  result: { ok: true, text },
});

/** What the viewer makes of the request that the program would send after these steps. */
async function seen(steps: readonly Step[], budget: number, leftOut: readonly Step[] = []) {
  const parts = { systemPrompt: "You are an AI.", purpose: "", leftOut, budget, counter: roughCounter };
  const { messages } = await buildContext({ ...parts, steps, now: new Date(0), recall: () => Promise.resolve([]) });
  const all = [...steps, ...leftOut];
  const states = new Map(all.map(({ step: number, outcome }) => [number, outcome]));
  const sent = messages.map(({ role, content }) => ({ role, content }));
  return sentContext(sent, Math.max(...states.keys()) + 1, (one) => states.get(one) === "ran");
}

test("what was cut from a request is told from its messages: whole steps, what was shortened, and what is left out on purpose", async () => {
  const steps = Array.from({ length: 30 }, (_none, at) => step(at + 1, at % 4 === 2 ? "refused" : "ran"));
  const whole = await seen(steps, 100_000);
  assert.deepEqual([whole.missing, whole.hasSummary], [[], false]);
  assert.deepEqual(whole.messages[1]?.label, "step 1, reply");

  const cut = await seen(steps, 3_000);
  assert.ok(cut.missing && cut.missing.length > 5 && cut.hasSummary);
  assert.deepEqual(
    cut.missing,
    Array.from({ length: cut.missing.length }, (_none, at) => at + 1),
  );
  assert.equal(cut.messages.at(-2)?.label, "step 30, result");
  assert.equal(cut.messages[1]?.label, "what is left of older steps");

  const left = steps.slice(9, 12);
  const holed = await seen(
    steps.filter((one) => !left.includes(one)),
    100_000,
    left,
  );
  assert.deepEqual(rangesOf(holed.missing ?? []), "10–12");

  const long = await seen([step(1, "ran", "word ".repeat(5_000))], 2_000);
  assert.ok((long.messages[2]?.shortened?.shown ?? 0) > 100);
  assert.equal(long.messages[2]?.shortened?.of, 25_000);
});

test("a request whose messages do not tell which steps they are leaves that open", () => {
  const sent = ["system", "reply", asData("result of step 7", "x"), "last"].map((content) => ({
    role: "user",
    content,
  }));
  assert.equal(sentContext(sent, 3, () => true).missing, null);
  assert.deepEqual(rangesOf([1, 2, 3, 5, 8, 9]), "1–3, 5, 8–9");
  assert.equal(rangesOf([]), "");
});
