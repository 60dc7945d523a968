import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { createPalette } from "../../src/console/palette.js";
import { loadSettings } from "../../src/settings/load.js";
import { lineWithSum } from "../../src/storage/line-sum.js";
import { approve, type Asker } from "../../src/subcommands/questions/approve.js";
import { newestResult, scriptedWorld, type World } from "../end-to-end/support/scripted-world.js";
import { eventsOfType, lastJournal } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";

const append = reply("append_to_file", { file: "log.txt", text: "once\n" });
const write = reply("write_to_file", { file: "a.txt", text: "new\n" });
const done = reply("task_complete", { reason: "It is done." });
const park = ["--on-approval", "park"];

/** A run that has parked at the first of these commands. */
async function parkedWorld(t: TestContext, script: readonly string[], args: readonly string[] = []): Promise<World> {
  const world = await scriptedWorld(t, script);
  const { code, stderr } = await world.run([...park, ...args]);
  assert.equal(code, 75, stderr);
  return world;
}

type Question = { run: string; question: string; command: { name: string }; step: number };
const questions = async (world: World): Promise<Question[]> =>
  JSON.parse((await world.run(["questions", "--json"])).stdout) as Question[];

/** Says yes to the question that waits, as a script does. */
async function yes(world: World): Promise<void> {
  const [asked] = await questions(world);
  assert.ok(asked);
  const { code, stderr } = await world.run(["approve", asked.run, "--yes", asked.question.slice(0, 12)]);
  assert.equal(code, 0, stderr);
}

const started = async (world: World) =>
  eventsOfType(await world.journal(), "command-start").map(({ command }) => command);

/** A person at a terminal who answers in this order, and what is shown to them. */
function terminal(answers: readonly string[]): Asker & { shown: string[] } {
  const left = [...answers];
  const shown: string[] = [];
  return {
    shown,
    lines: { isTerminal: true, ask: (question) => (shown.push(question), Promise.resolve(left.shift() ?? null)) },
    palette: createPalette(0),
    environment: {},
    signal: new AbortController().signal,
    print: (text) => void shown.push(text),
  };
}

/** `autogpt approve` on such a terminal. */
async function approveOn(world: World, asker: Asker, edit = false): Promise<string> {
  const loaded = await loadSettings({ cwd: world.folder, environment: { HOME: world.folder } });
  return approve({ loaded, cwd: world.folder, run: "last", yes: undefined, edit }, asker);
}

test("a parked run ends with exit 75, its question can be looked at, and an approved command runs once, with the arguments shown", async (t) => {
  const world = await scriptedWorld(t, [append, done]);
  const first = await world.run(park);
  assert.equal(first.code, 75);
  assert.match(
    first.stderr,
    /Step 1 wants to run append_to_file, which takes your yes\..*approve \S+.*deny \S+.*--resume/,
  );
  assert.deepEqual(await started(world), []);
  const [asked] = await questions(world);
  assert.deepEqual([asked?.command.name, asked?.step], ["append_to_file", 1]);
  const table = (await world.run(["questions"])).stdout;
  assert.ok(table.includes(asked?.question.slice(0, 12) ?? "?"), table);

  const looked = await world.run(["approve"]);
  assert.equal(looked.code, 2);
  assert.match(
    looked.stdout,
    /NEXT ACTION: COMMAND = append_to_file .*\nlog\.txt: new file, 1 line \(5 bytes\)\n {2}\+ once/,
  );
  assert.match(looked.stderr, new RegExp(`approve ${asked?.run} --yes ${asked?.question.slice(0, 12)} approves this`));
  const wrong = await world.run(["approve", "last", "--yes", "0".repeat(12)]);
  assert.deepEqual([wrong.code, (await questions(world)).length], [2, 1]);

  await yes(world);
  assert.deepEqual(await questions(world), []);
  assert.equal((await world.run(["--resume"])).code, 75, "the next command takes a yes of its own");
  await yes(world);
  assert.equal((await world.run(["--resume"])).code, 0);
  assert.deepEqual(await started(world), [
    { name: "append_to_file", args: { file: "log.txt", text: "once\n" } },
    { name: "task_complete", args: { reason: "It is done." } },
  ]);
  assert.equal(await world.file("log.txt"), "once\n");
  assert.equal(world.server.chatRequests().length, 2, "no reply was asked for twice");
});

test("where the file has changed since, the question is put again and nothing has run; the same after a refused answer", async (t) => {
  const world = await parkedWorld(t, [write, done]);
  await yes(world);
  await writeFile(join(world.folder, "workspace", "a.txt"), "the user's own\n");
  const again = await world.run(["--resume"]);
  assert.equal(again.code, 75);
  assert.deepEqual(await started(world), []);
  assert.equal(await world.file("a.txt"), "the user's own\n");
  const { stdout } = await world.run(["approve"]);
  assert.match(stdout, /a\.txt: replaces 15 bytes.*\n(.*\n)*.*- the user's own/);
  await yes(world);
  await world.run(["--resume"]);
  assert.equal(await world.file("a.txt"), "new\n");
});

test("of two answers the first counts, and the second is told so", async (t) => {
  const world = await parkedWorld(t, [write, done]);
  const deny = await world.run(["deny", "last", "--reason", "Not this file."]);
  assert.equal(deny.code, 0, deny.stderr);
  for (const args of [["approve", "last", "--yes", "0".repeat(12)], ["deny"], ["deny", "last"]]) {
    const { code, stderr } = await world.run(args);
    assert.equal(code, 2);
    assert.match(
      stderr,
      args.length === 1 ? /No run .* waits/ : /answered before: it was denied at .* the first answer counts/,
    );
  }
  await world.run(["--resume"]);
  assert.deepEqual(await started(world), []);
  assert.match(newestResult(world.messages(1)), /Error: the user does not allow this\. The reason: Not this file\./);
});

test("a denied command does not run in continuous mode either, and is recorded as a refusal", async (t) => {
  const world = await parkedWorld(t, [write, done]);
  await world.run(["deny", "last", "--reason", "Not this file."]);
  const { code } = await world.run(["--resume", "-c"]);
  assert.equal(code, 0);
  const end = eventsOfType(await world.journal(), "run-end").at(-1);
  assert.deepEqual(
    end?.refusals?.map(({ step, command }) => [step, command]),
    [[1, "write_to_file"]],
  );
  await assert.rejects(world.file("a.txt"));
});

test("changed arguments run as they were shown; those that nobody was shown are asked about again", async (t) => {
  const world = await parkedWorld(t, [write, done]);
  const asker = terminal(['{"file": "b.txt", "text": "edited\\n"}', "y"]);
  await approveOn(world, asker, true);
  assert.match(asker.shown.join("\n"), /b\.txt: new file, 1 line[^]*\+ edited[^]*Run it/);
  assert.equal((await world.run(["--resume"])).code, 75);
  assert.deepEqual(
    (await started(world)).map(({ args }) => args),
    [{ file: "b.txt", text: "edited\n" }],
  );
  assert.match(newestResult(world.messages(1)), /The user changed the arguments before it ran\..*b\.txt/);

  const other = await parkedWorld(t, [write, done]);
  const file = await lastJournal(other.folder);
  const [asked] = eventsOfType(await other.journal(), "command-parked");
  const { seq } = (await other.journal()).at(-1) ?? { seq: 0 };
  const forged = {
    seq: seq + 1,
    time: new Date().toISOString(),
    elapsedMs: 1,
    type: "command-answered",
    step: 1,
    question: asked?.question,
    answer: "run",
    args: { file: "c.txt", text: "forged" },
    shown: asked?.question,
  };
  await writeFile(file, lineWithSum(forged) + "\n", { flag: "a" });
  assert.equal((await other.run(["--resume"])).code, 75);
  assert.deepEqual(await started(other), []);
});

test("an answer that was written or changed by hand is refused, with file and line", async (t) => {
  const world = await parkedWorld(t, [write, done]);
  await yes(world);
  const file = await lastJournal(world.folder);
  const text = await readFile(file, "utf8");
  const line = text.trimEnd().split("\n").length;
  for (const changed of [text.replace('"answer":"run"', '"answer":"yes"'), `${text}{"seq":${line + 1},"type":"x"}\n`]) {
    await writeFile(file, changed);
    const { code, stderr } = await world.run(["--resume"]);
    assert.equal(code, 2);
    assert.match(stderr, /events\.jsonl, line \d+/);
  }
  assert.deepEqual(await started(world).catch(() => []), []);
});

test("killed at any moment around the use of an answer, the command has run once after the next resume", async (t) => {
  const world = await parkedWorld(t, [append, done, done, done, done, done, done, done, done, done]);
  await yes(world);
  const file = await lastJournal(world.folder);
  const before = (await readFile(file, "utf8")).split("\n").length - 1;
  assert.equal((await world.run(["--resume"])).code, 75);
  const lines = (await readFile(file, "utf8")).split("\n").slice(0, -1);
  const start = lines.findIndex((line) => line.includes('"type":"command-start"'));
  assert.ok(start > before);
  for (let kept = before; kept <= lines.length; kept++) {
    await writeFile(file, `${lines.slice(0, kept).join("\n")}\n`);
    if (kept <= start) await rm(join(world.folder, "workspace", "log.txt"), { force: true });
    assert.equal((await world.run(["--resume"])).code, 75, `after line ${kept}`);
    assert.equal(await world.file("log.txt"), "once\n", `after line ${kept}`);
  }
});

test("a run that is killed right behind its question still asks it", async (t) => {
  const world = await parkedWorld(t, [append, done]);
  const file = await lastJournal(world.folder);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1) + '{"seq":9,"ty');
  await yes(world);
  await world.run(["--resume"]);
  assert.equal(await world.file("log.txt"), "once\n");
});

test("with -c, what a rule wants to be asked about is parked and the rest runs; deny lets only what does nothing run", async (t) => {
  const ask = await scriptedWorld(t, [append, write, done], { ai: { more: "approve:\n  write_to_file: ask\n" } });
  assert.equal((await ask.run(["-c", ...park])).code, 75);
  assert.deepEqual(
    (await started(ask)).map(({ name }) => name),
    ["append_to_file"],
  );
  await yes(ask);
  assert.equal((await ask.run(["--resume"])).code, 0);
  assert.equal(await ask.file("a.txt"), "new\n");

  const deny = await scriptedWorld(t, [append, done], { env: { ON_APPROVAL: "deny" } });
  assert.equal((await deny.run([])).code, 0);
  assert.match(
    newestResult(deny.messages(1)),
    /Error: this needs the user's own yes, and nobody is asked in this run\./,
  );
});

test("what a run is told is heard once: at a question, while it goes on, and after a resume", async (t) => {
  const world = await parkedWorld(t, [write, append, done]);
  assert.match((await world.run(["tell", "last", "Use", "log.txt."])).stdout, /^Said\. .*--resume/);
  assert.equal((await world.run(["--resume", ...park])).code, 75);
  assert.match(newestResult(world.messages(1)), /^Human feedback: Use log\.txt\.$/);
  const [heard] = eventsOfType(await world.journal(), "step-end");
  assert.deepEqual([heard?.outcome, heard?.command?.name, heard?.told?.length], ["feedback", "write_to_file", 1]);
  assert.equal((await world.run(["--resume", "-c"])).code, 0);
  const told = (await world.journal()).filter((event) => event.type === "step-end" && event.told !== undefined);
  assert.equal(told.length, 1);
  const shown = (await world.run(["runs", "show"])).stdout;
  assert.match(shown, /append_to_file/);
  const late = await world.run(["tell", "last", "too late"]);
  assert.deepEqual([late.code, /has completed/.test(late.stderr)], [2, true]);

  const live: World = await scriptedWorld(t, async (_request, index) => {
    if (index === 0) assert.match((await live.run(["tell", "last", "Hurry up."])).stdout, /before the next step/);
    return [append, done][index] ?? done;
  });
  const { code, stderr } = await live.run(["-c"]);
  assert.equal(code, 0, stderr);
  assert.match(newestResult(live.messages(1)), /^Human feedback: Hurry up\.$/);
});

test("killed before the step that hears it is on disk, a run hears what it was told once more, and once", async (t) => {
  const world = await scriptedWorld(t, [append, write, done, done, done]);
  assert.equal((await world.run(["-c", "-l", "1"])).code, 5);
  await world.run(["tell", "last", "Be brief."]);
  await world.run(["--resume", "-c", "-l", "2"]);
  const file = await lastJournal(world.folder);
  const lines = (await readFile(file, "utf8")).split("\n").slice(0, -1);
  const hearing = lines.findIndex((line) => line.includes('"told":["'));
  assert.ok(hearing > 0);
  for (const kept of [hearing, hearing + 1]) {
    await writeFile(file, `${lines.slice(0, kept).join("\n")}\n`);
    await world.run(["--resume", "-c", "-l", "4"]);
    const heard = eventsOfType(await world.journal(), "step-end").filter(({ told }) => told !== undefined);
    assert.deepEqual(
      heard.map(({ result }) => result.text),
      ["Human feedback: Be brief."],
      `after line ${kept}`,
    );
  }
});

test("a question that was changed by hand, checksum and all, is not shown and not approved", async (t) => {
  const world = await parkedWorld(t, [write, done]);
  const file = await lastJournal(world.folder);
  const lines = (await readFile(file, "utf8")).split("\n").slice(0, -1);
  const changed = lines.map((line) => {
    const { sum, ...event } = JSON.parse(line) as { sum: string; type: string; command: { args: object } };
    return event.type === "command-parked"
      ? lineWithSum({ ...event, command: { ...event.command, args: { file: "harmless.txt", text: "" } } })
      : lineWithSum({ ...event, ...(sum === "" && { sum }) });
  });
  await writeFile(file, `${changed.join("\n")}\n`);
  const { code, stderr, stdout } = await world.run(["approve", "last"]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /is not the one that was asked: somebody has changed it/);
});

test("a message that was changed by hand is not heard, which is said", async (t) => {
  const world = await parkedWorld(t, [write, done]);
  await world.run(["tell", "last", "Use log.txt."]);
  const file = join(dirname(await lastJournal(world.folder)), "messages.jsonl");
  await writeFile(file, (await readFile(file, "utf8")).replace("log.txt", "bad.txt"));
  const { code, stderr } = await world.run(["--resume"]);
  assert.equal(code, 75);
  assert.match(stderr, /WARNING: .*messages\.jsonl, line 1, does not fit its checksum.*Nothing in it is heard/);
});
