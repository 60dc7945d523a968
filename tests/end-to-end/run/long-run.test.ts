import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { Message } from "../../../src/model/model.js";
import { promptTokens } from "../../support/services/billing/fake-bill.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { runInProcess } from "../../support/in-process.js";
import { eventsOfType, journalOf, long, temporaryFolder, writeAi } from "../../support/program.js";
import { characters, percent, sharedCharacters } from "../support/shared-prefix.js";
import { watchedModel } from "../support/watched-model.js";

const contextTokens = long ? 24_000 : 7_000;
const words = "a plan needs a good map and some rest before the next hill is climbed by those who came along".split(
  " ",
);

/** About seventy words that differ from step to step. */
const passage = (step: number): string =>
  Array.from({ length: 70 }, (_, index) => words[(index * (step + 3) + step * step) % words.length]).join(" ");

/** Writes a file at each step but every fifth, which reads the one that was written just before. */
function scriptedReply(step: number): string {
  const thoughts = { text: `This is step ${step}.`, reasoning: passage(step), plan: "- go on", speak: "on it" };
  if (step % 5 === 0) return reply("read_file", { file: `part-${(step - 1) % 40}.txt` }, thoughts);
  return reply(
    "write_to_file",
    { file: `part-${step % 40}.txt`, text: `part of step ${step}: ${passage(step + 1)}` },
    thoughts,
  );
}

type Figures = {
  all: number;
  shared: number;
  allButCuts: number;
  sharedButCuts: number;
  cuts: number;
  longest: number;
};

/** The history of a request, behind a ledger where there is one, shows the last steps, each with its reply and its result, without a hole. */
function historyIsWhole(messages: readonly Message[], step: number): void {
  const history = messages.slice(messages[1]?.content.startsWith("LEDGER") ? 2 : 1, -1);
  const first = step - history.length / 2;
  assert.ok(step === 1 || first < step, `request ${step} shows at least the last step`);
  for (const [index, { role, content }] of history.entries()) {
    const shown = first + Math.floor(index / 2);
    if (index % 2 === 0) assert.deepEqual([role, content], ["assistant", scriptedReply(shown)]);
    else
      assert.ok(role === "user" && content.startsWith(`[result of step ${shown}: data`), `step ${shown}: ${content}`);
    if (index % 2 === 1 && shown % 5 === 0) assert.ok(content.includes(`part of step ${shown - 1}: ${passage(shown)}`));
  }
}

async function manySteps(t: TestContext, steps: number, memory: string): Promise<Figures> {
  const folder = await temporaryFolder(t);
  await writeAi(folder);
  const figures: Figures = { all: 0, shared: 0, allButCuts: 0, sharedButCuts: 0, cuts: 0, longest: 0 };
  const model = await watchedModel(t, scriptedReply, (messages, step, before) => {
    historyIsWhole(messages, step);
    const isCut = messages.length <= before.length;
    const [all, shared] = [characters(messages), sharedCharacters(before, messages)];
    figures.longest = Math.max(figures.longest, promptTokens(messages));
    if (step === 1) return;
    figures.all += all;
    figures.shared += shared;
    figures.cuts += isCut ? 1 : 0;
    if (isCut) return;
    figures.allButCuts += all;
    figures.sharedButCuts += shared;
    assert.deepEqual(
      messages.slice(0, before.length - 1),
      before.slice(0, -1),
      "all but its last message stays as it was",
    );
  });
  const { code, stderr } = await runInProcess({
    cwd: folder,
    args: ["-c", "-l", String(steps), "-m", memory],
    env: { OPENAI_API_BASE_URL: model.url, CONTEXT_TOKENS: String(contextTokens), OPENAI_RETRIES: "0" },
  });
  assert.deepEqual(model.broken, []);
  assert.equal(code, 5, stderr);
  const end = (await journalOf(folder)).at(-1);
  assert.ok(end?.type === "run-end" && end.reason === "limit-steps" && end.steps === steps);
  assert.equal(eventsOfType(await journalOf(folder), "step-end").length, steps);
  return figures;
}

function report(
  t: TestContext,
  steps: number,
  { all, shared, allButCuts, sharedButCuts, cuts, longest }: Figures,
): void {
  t.diagnostic(
    `${steps} steps, ${cuts} cuts, longest prompt ${longest} tokens: ${percent(shared, all)} of the prompts' characters ` +
      `stand in the prefix shared with the request before, ${percent(sharedButCuts, allButCuts)} without the requests after a cut`,
  );
}

const steps = long ? 1000 : 70;

test("over a long run nine tenths of the prompts are shared with the request before, and no step is lost", async (t) => {
  const figures = await manySteps(t, steps, "no_memory");
  report(t, steps, figures);
  assert.ok(figures.cuts > 2 && figures.cuts < steps / 20, `${figures.cuts} cuts`);
  assert.ok(figures.longest <= contextTokens, `a prompt of ${figures.longest} tokens`);
  assert.ok(figures.shared / figures.all >= 0.9, percent(figures.shared, figures.all));
});

test("with a local memory the history is as whole, and what is recalled stays at the prompt's end", async (t) => {
  const figures = await manySteps(t, steps, "local");
  report(t, steps, figures);
  assert.ok(figures.cuts > 2, `${figures.cuts} cuts`);
  assert.ok(figures.longest <= contextTokens, `a prompt of ${figures.longest} tokens`);
  assert.ok(figures.shared / figures.all >= 0.8, percent(figures.shared, figures.all));
});
