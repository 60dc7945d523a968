import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Message } from "../../../src/model/model.js";
import { eventsOfType, journalOf, long, temporaryFolder, writeAi } from "../../support/program.js";
import { runInProcess } from "../../support/in-process.js";
import { promptTokens } from "../../support/services/billing/fake-bill.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { characters, percent, sharedCharacters } from "../support/shared-prefix.js";
import { watchedModel } from "../support/watched-model.js";

const contextTokens = 4_000;
const steps = long ? 500 : 80;
/** The person says something else than yes to every so many commands. */
const feedbackEvery = long ? 20 : 8;

const words = "a plan needs a good map and some rest before the next hill is climbed by those who came along".split(
  " ",
);
const passage = (step: number, length: number): string =>
  Array.from({ length }, (_, index) => words[(index * (step + 3) + step * step) % words.length]).join(" ");

/** Writes a file in most steps; some read one that is not there, and a few call the task complete. */
function scriptedReply(step: number): string {
  const thoughts = { text: `This is step ${step}.`, reasoning: passage(step, 25), plan: "- go on", speak: "on it" };
  if (step % 7 === 3) return reply("read_file", { file: `missing-${step}.txt` }, thoughts);
  if (step % 40 === 20) return reply("task_complete", { reason: "done" }, thoughts);
  return reply(
    "write_to_file",
    { file: `part-${step % 40}.txt`, text: `part of step ${step}: ${passage(step + 1, 30)}` },
    thoughts,
  );
}

const goals = [
  { goal: "Draw a map of the hills", checks: [{ file_exists: "map.txt" }] },
  { goal: "List who came along", checks: [{ file_contains: { file: "names.txt", pattern: "Ada" } }] },
  "Never climb alone",
];

/** What the person answers to the question about each step's command. */
const answerTo = (step: number): string =>
  step % feedbackEvery === 5
    ? `In ${1000 + step} the ${words[step % words.length]} was closed. Take the other way.`
    : "y";

/** What has to stand in each request. */
function standsIn(messages: readonly Message[], step: number): void {
  const sent = messages.map(({ content }) => content).join("\n");
  const said = Array.from({ length: step - 1 }, (_, index) => answerTo(index + 1)).filter((answer) => answer !== "y");
  const needed = ["Draw a map of the hills", "Never climb alone", "file_exists map.txt", "names.txt", ...said];
  for (const text of needed) assert.ok(sent.includes(text), `request ${step} lacks ${JSON.stringify(text)}`);
  // Of each failed attempt, unless there are too many of them: then they are counted.
  if (step > 5) assert.match(sent, /missing-\d+\.txt|earlier ones?: read_file/);
}

async function twoParts(t: TestContext, memory: string): Promise<void> {
  const folder = await temporaryFolder(t);
  await writeAi(folder, { goals });
  let [all, shared, longest] = [0, 0, 0];
  const model = await watchedModel(t, scriptedReply, (messages, step, before) => {
    longest = Math.max(longest, promptTokens(messages));
    if (step > 1) all += characters(messages);
    shared += sharedCharacters(before, messages);
    standsIn(messages, step);
  });
  const env = { OPENAI_API_BASE_URL: model.url, CONTEXT_TOKENS: String(contextTokens), OPENAI_RETRIES: "0" };
  const part = async (from: number, to: number, args: readonly string[]): Promise<void> => {
    const answers = Array.from({ length: to - from }, (_, index) => answerTo(from + index + 1));
    await runInProcess({ cwd: folder, args: ["-y", "-m", memory, ...args], env, input: `${answers.join("\n")}\n` });
  };
  await part(0, steps / 2, []);
  // The end of input is a no to the command of one more reply, which is then used and not asked for again.
  const asked = model.steps();
  await part(steps / 2, steps, ["--resume"]);
  assert.deepEqual(model.broken.slice(0, 3), []);
  assert.ok(model.steps() > asked, "the run went on");
  assert.equal(eventsOfType(await journalOf(folder), "step-end").length, steps);
  t.diagnostic(`${steps} steps with ${memory}: ${percent(shared, all)} shared, longest prompt ${longest} tokens`);
  assert.ok(longest <= contextTokens, `a prompt of ${longest} tokens`);
  assert.ok(shared / all >= 0.85, percent(shared, all));
}

for (const memory of ["no_memory", "local"])
  test(`in a window of 4,000 tokens each request has all goals, checks and feedback, and 85 % of it was sent before: ${memory}`, (t) =>
    twoParts(t, memory));
