import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { readServerAnswers } from "../../../src/history/questions/server-answers.js";
import { eventsOfType, lastJournal, long, repository } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { journalWrites } from "../support/journal-writes.js";
import { cutAfter } from "../support/scripted-world.js";
import { inContinuous, worldWith, type McpWorld } from "./mcp-world.js";

const program = join(repository, "tests", "end-to-end", "mcp", "asking-server.mjs");
const ask = reply("test.ask", { topics: ["tea"] });
const secret = "between us two";

/** A run that has parked with a question which is answered since. */
async function answered(t: TestContext, chat: readonly string[]): Promise<McpWorld & { answers: string }> {
  const world = await worldWith(t, chat, { server: { args: [program] } });
  assert.equal((await world.run([...inContinuous, "--on-approval", "park"])).code, 75);
  await say(world);
  return { ...world, answers: join(dirname(await lastJournal(world.folder)), "server-answers.json") };
}

const say = async (world: McpWorld): Promise<void> => {
  const { code, stderr } = await world.run(["answer", "--values", JSON.stringify({ words: secret })]);
  assert.equal(code, 0, stderr);
};

const accepted = async (world: McpWorld): Promise<number> =>
  (await world.calls()).filter((call) => call.startsWith("tea: accept")).length;

test("killed between that an answer is given and that the server has it: it is not given again, and that is said", async (t) => {
  const world = await answered(t, [ask, ask, ask, ask, ask]);
  const copy = `${world.answers}.copy`;
  await copyFile(world.answers, copy);
  assert.equal((await world.run(["--resume"])).code, 75);
  assert.equal(await accepted(world), 1);
  // The journal as it was when the answer was on its way, and its file as it was before.
  await cutAfter(world, ({ type }) => type === "answer-given");
  await copyFile(copy, world.answers);
  const { code, stderr } = await world.run(["--resume"]);
  assert.equal(code, 75, stderr);
  assert.match(
    stderr,
    /an answer of yours went to the server of test\.ask, which may or may not have got it.*you are asked/,
  );
  assert.equal(await accepted(world), 1);
  assert.ok(!existsSync(world.answers), "what was given is kept no longer");
  // A run that is killed in the session behind one that parked goes on where it was, and does not park anew for that.
  const ends = eventsOfType(await world.journal(), "step-end");
  assert.deepEqual(
    ends.map(({ interrupted, result }) => [interrupted, result.stop]),
    [
      [undefined, "parked"],
      ["unknown", undefined],
      [undefined, "parked"],
    ],
  );

  await say(world);
  assert.equal((await world.run(["--resume"])).code, 0);
  assert.equal(await accepted(world), 2);
});

test("an answer of which the journal does not know was never given; one that nobody asks for goes with the run's end", async (t) => {
  const world = await answered(t, [ask, ask]);
  const kept = await readFile(world.answers, "utf8");
  // A kill between the file and the journal.
  const lines = (await readFile(await lastJournal(world.folder), "utf8")).split("\n");
  const isAnswer = (line: string): boolean => line.includes('"type":"user-answered"');
  await writeFile(await lastJournal(world.folder), lines.filter((line) => !isAnswer(line)).join("\n"));
  await say(world);
  const folder = dirname(world.answers);
  assert.equal((await readServerAnswers(folder)).length, 1);
  await writeFile(
    world.answers,
    JSON.stringify({ answers: [...answersIn(kept), ...(await readServerAnswers(folder))] }),
  );
  assert.equal((await world.run(["--resume"])).code, 0);
  assert.equal(await accepted(world), 1);
  assert.ok(!existsSync(world.answers));

  const unasked = await answered(t, [ask]);
  assert.equal((await unasked.run(["--resume"])).code, 0);
  assert.ok(!existsSync(unasked.answers));
  assert.equal(await accepted(unasked), 0);
});

const answersIn = (text: string): object[] => (JSON.parse(text) as { answers: object[] }).answers;

/** Kills the process right before or behind the how manieth change of the journal or of the answers' file. */
const killer = `
const fs = require("node:fs");
const promises = require("node:fs/promises");
const [when, number] = (process.env.KILL_AT ?? "").split(":");
let count = 0;
const around = (act) => {
  const struck = (count += 1) === Number(number);
  if (struck && when === "before") process.kill(process.pid, "SIGKILL");
  const result = act();
  const behind = (value) => (struck && process.kill(process.pid, "SIGKILL"), value);
  return typeof result?.then === "function" ? result.then(behind) : behind(result);
};
const aroundJournal = around;
${journalWrites}
for (const name of ["rename", "rm"]) {
  const original = promises[name];
  promises[name] = (...given) =>
    given.some((path) => String(path).endsWith("server-answers.json")) ? around(() => original(...given)) : original(...given);
}
require("node:module").syncBuiltinESMExports();
process.on("exit", () => process.env.KILL_REPORT && fs.writeFileSync(process.env.KILL_REPORT, String(count)));
`;

/** The number of the point, and on which side of it. */
async function killedAt(t: TestContext, doing: "answer" | "resume", at: string): Promise<number> {
  const world = await worldWith(t, [ask, ask, ask, ask, ask], { server: { args: [program] } });
  assert.equal((await world.run([...inContinuous, "--on-approval", "park"])).code, 75);
  const [file, report] = [join(world.folder, "killer.cjs"), join(world.folder, "count")];
  await writeFile(file, killer);
  const env = { NODE_OPTIONS: `--require ${JSON.stringify(file)}`, KILL_AT: at, KILL_REPORT: report };
  const values = ["--values", JSON.stringify({ words: secret })];
  if (doing === "resume") await say(world);
  const { signal } = await world.run(doing === "answer" ? ["answer", ...values] : ["--resume"], { env });
  if (signal !== "SIGKILL") return Number(await readFile(report, "utf8"));

  // The user answers whatever is asked until the run has completed.
  let answers = 1;
  for (let code: number | null = 75; code !== 0;) {
    const { code: was } = await world.run(["answer", ...values]);
    if (was === 0) answers += 1;
    ({ code } = await world.run(["--resume"]));
    assert.ok(code === 0 || code === 75, `killed ${at} in ${doing}: ${code}`);
    assert.ok(answers <= 5);
  }
  const journal = await world.journal();
  const given = eventsOfType(journal, "answer-given");
  assert.ok(
    (await accepted(world)) <= given.length,
    `killed ${at} in ${doing}: given more often than the journal says`,
  );
  assert.equal(new Set(given.map(({ id }) => id)).size, given.length, `killed ${at} in ${doing}: one was given twice`);
  assert.ok((await accepted(world)) >= 1, `killed ${at} in ${doing}: what was answered was lost`);
  const folder = dirname(await lastJournal(world.folder));
  assert.ok(!existsSync(join(folder, "server-answers.json")), `killed ${at} in ${doing}: what was entered is left`);
  return 0;
}

if (long)
  for (const doing of ["answer", "resume"] as const)
    test(`${doing}: killed around each write, nothing is answered twice, and what was entered is not left behind`, async (t) => {
      const count = await killedAt(t, doing, "before:0");
      assert.ok(count > 1, String(count));
      for (let number = 1; number <= count; number += 1)
        for (const when of ["before", "after"]) await killedAt(t, doing, `${when}:${number}`);
      t.diagnostic(`${2 * count} kills`);
    });
