import assert from "node:assert/strict";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { createPalette } from "../../../src/console/palette.js";
import { loadSettings } from "../../../src/settings/load.js";
import { answer } from "../../../src/subcommands/questions/answer.js";
import { createRunView } from "../../../src/viewer/run/run-view.js";
import { assertValid, validatorOf } from "../../support/json-schema.js";
import { eventsOfType, lastJournal, repository } from "../../support/program.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { newestResult } from "../support/scripted-world.js";
import { inContinuous, worldWith, type McpWorld } from "./mcp-world.js";

const program = join(repository, "tests", "end-to-end", "mcp", "asking-server.mjs");
const ask = (...topics: string[]) => reply("test.ask", { topics });

/** A run that has parked, since nobody was there whom the server could ask. */
async function parkedWorld(t: TestContext, chat: readonly string[]): Promise<McpWorld> {
  const world = await worldWith(t, chat, { server: { args: [program] } });
  const parked = await world.run([...inContinuous, "--on-approval", "park"]);
  assert.equal(parked.code, 75, parked.stderr);
  return world;
}

type Waiting = { run: string; step: number; question: string; server: { message: string; schema: object } };
const waiting = async (world: McpWorld): Promise<Waiting[]> =>
  JSON.parse((await world.run(["questions", "--json"])).stdout) as Waiting[];

/** Answers, and asserts that it was taken. */
async function say(world: McpWorld, ...args: string[]): Promise<void> {
  const { code, stderr } = await world.run(["answer", ...args]);
  assert.equal(code, 0, stderr);
}
const resumed = async (world: McpWorld): Promise<number | null> => (await world.run(["--resume"])).code;

test("what a server asked when a run parked is answered from another process, by its schema, and given once to the same question", async (t) => {
  const world = await parkedWorld(t, [ask("tea"), ask("tea"), ask("tea")]);
  const [asked] = await waiting(world);
  assert.equal(asked?.server.message, "What about tea?");
  const id = asked.question.slice(0, 12);
  const table = (await world.run(["questions"])).stdout;
  assert.match(table, new RegExp(`${id} +asks you +test\\.ask: What about tea\\?[^]*autogpt answer \\S+ shows`));
  for (const form of [["last"], ["last", "--markdown"]])
    assert.match(
      (await world.run(["runs", "show", ...form])).stdout,
      /step 1: the server of test\.ask asks you: What about tea\?[^]*autogpt answer/,
    );
  const view = createRunView();
  for (const event of await world.journal()) view.follow(event);
  const words = { state: (state: string) => state, sentence: (reason: string) => reason };
  assert.deepEqual(
    view.overview(false, words)?.serverQuestions.map(({ message, command }) => [message, command.name]),
    [["What about tea?", "test.ask"]],
  );

  const looked = await world.run(["answer"]);
  assert.equal(looked.code, 2);
  assert.match(
    looked.stdout,
    /asked by the server of test\.ask in step 1:\nWhat about tea\?\nSchema of the answer: \{/,
  );
  assert.match(looked.stderr, new RegExp(`answer ${asked.run} --question ${id} --values - takes`));
  for (const [args, problem] of [
    [
      ["--values", '{"words": "x"}'],
      /does not fit what the server asks for: at \/words: .*Its fields are words, amount/,
    ],
    [["--values", "green"], /has to be a JSON object/],
    [["--values", "{}", "--decline"], /exclude each other/],
    [["--question", "0".repeat(12), "--decline"], /is no question of a server in the run/],
  ] as const) {
    const { code, stderr } = await world.run(["answer", "last", ...args]);
    assert.equal(code, 2);
    assert.match(stderr, problem);
  }
  assert.match((await world.run(["approve", "last"])).stderr, /waits for no answer/);

  const secret = "between us two";
  const { code, stdout } = await world.run(["answer", "last", "--values", "-"], {
    input: JSON.stringify({ words: secret, amount: 3 }),
  });
  assert.deepEqual([code, /--resume \S+ goes on/.test(stdout)], [0, true]);
  assert.deepEqual(await waiting(world), []);
  const twice = await world.run(["answer", "last", "--decline"]);
  assert.match(twice.stderr, /has been answered before: it was answered at .*the first answer counts/);
  const folder = dirname(await lastJournal(world.folder));
  assert.equal((await stat(join(folder, "server-answers.json"))).mode & 0o777, 0o600);

  assert.equal(await resumed(world), 75, "the answer was given to the second call, and the third asks anew");
  assert.match(
    newestResult(world.messages(1)),
    /nobody said anything of tea\n\[The server asked the user: "What about tea\?/,
  );
  assert.match(newestResult(world.messages(2)), /asked all/);
  assert.deepEqual((await world.calls()).slice(0, 4), [
    "ask tea",
    "tea: cancel null",
    "ask tea",
    `tea: accept {"words":"${secret}","amount":3}`,
  ]);
  assert.equal((await world.calls()).at(-1), "tea: cancel null");
  const journal = await world.journal();
  for (const event of journal) assertValid(validatorOf("events"), event);
  assert.deepEqual(
    eventsOfType(journal, "user-questioned").map(({ step, reply: said }) => [step, said]),
    [
      [1, "nobody"],
      [2, "answered"],
      [3, "nobody"],
    ],
  );
  for (const name of await readdir(folder, { recursive: true }).then((all) => all.filter((one) => one.includes("."))))
    assert.ok(!(await readFile(join(folder, name), "utf8")).includes(secret), name);
});

test("a no and no answer at all are given likewise; an address takes no values", async (t) => {
  const visit = reply("test.visit", {});
  const world = await parkedWorld(t, [ask("tea"), ask("tea"), ask("rum"), ask("rum"), visit, visit]);
  await say(world, "--decline");
  assert.equal(await resumed(world), 75);
  await say(world, "--cancel");
  assert.equal(await resumed(world), 75);
  const wrong = await world.run(["answer", "--values", '{"paid": true}']);
  assert.match(wrong.stderr, /done at an address, and takes no values/);
  await say(world, "--values", "{}");
  assert.equal(await resumed(world), 0);
  const answers = (await world.calls()).filter((line) => line.includes(":"));
  assert.deepEqual(answers, [
    ...["tea: cancel null", "tea: decline null", "rum: cancel null", "rum: cancel null"],
    ...["visit: cancel", "visit: accept"],
  ]);
  assert.deepEqual(
    eventsOfType(await world.journal(), "user-answered").map(({ reply: said }) => said),
    ["declined", "dismissed", "answered"],
  );
});

test("of several questions in a call each has an answer of its own, also where the same is asked twice", async (t) => {
  const twice = ask("tea", "rum", "tea");
  const world = await parkedWorld(t, [twice, twice, twice, twice]);
  await say(world, "--values", '{"words": "one"}');
  assert.equal(await resumed(world), 75);
  // What was given in a call that parked at a later question is asked again beside it.
  const both = await waiting(world);
  assert.deepEqual(
    both.map(({ server: { message } }) => message),
    ["What about tea?", "What about rum?"],
  );
  assert.match((await world.run(["answer", "--decline"])).stderr, /2 questions of servers wait .*--question/);
  for (const [index, { question }] of both.entries())
    await say(world, "--question", question, "--values", JSON.stringify({ words: `answer ${index}` }));
  assert.equal(await resumed(world), 75);
  const all = await waiting(world);
  assert.deepEqual(
    all.map(({ server: { message } }) => message),
    ["What about tea?", "What about rum?", "What about tea?"],
  );
  assert.equal(new Set(all.map(({ question }) => question)).size, 3);
  for (const { question } of all.toReversed()) await say(world, "--question", question, "--decline");
  assert.equal(await resumed(world), 0);
  assert.deepEqual((await world.calls()).slice(-4), [
    "ask tea,rum,tea",
    ...["tea: decline null", "rum: decline null", "tea: decline null"],
  ]);
});

test("another question, another call, and an answer whose file was lost get no answer of before; on a terminal it is asked field by field", async (t) => {
  const world = await parkedWorld(t, [ask("tea"), ask("tea"), ask("rum"), ask("rum")]);
  await say(world, "--values", '{"words": "yes"}');
  await writeFile(join(world.folder, "changed"), "");
  assert.equal(await resumed(world), 75);
  assert.equal((await waiting(world))[0]?.server.message, "What about tea? Really?");
  assert.equal(await resumed(world), 75, "nobody has answered, so the AI goes on without, and meets another question");

  const shown: string[] = [];
  const typed = ["y", "a", "aye", "4"];
  const environment = { HOME: world.folder };
  const loaded = await loadSettings({ cwd: world.folder, environment });
  const said = await answer(
    { loaded, run: undefined, question: undefined, reply: null },
    {
      lines: { isTerminal: true, ask: (question) => (shown.push(question), Promise.resolve(typed.shift() ?? null)) },
      ...{ palette: createPalette(0), environment, signal: new AbortController().signal },
      print: (text) => void shown.push(text),
    },
  );
  assert.match(said, /^Answered\. .*--resume/);
  assert.match(shown.join("\n"), /test\.ask asks you:\nWhat about rum\? Really\?\n[^]*words \(text\)[^]*does not fit/);
  const file = join(dirname(await lastJournal(world.folder)), "server-answers.json");
  const kept = await readFile(file, "utf8");
  assert.match(kept, /"words":"aye","amount":4/);
  await writeFile(file, kept.replace('"aye"', '"a"'));
  const { code, stderr } = await world.run(["--resume"]);
  assert.equal(code, 75);
  assert.match(stderr, /what was answered to test\.ask is not given to its server: it does not fit any more/);
  assert.doesNotMatch((await world.calls()).join("\n"), /accept/);
});
