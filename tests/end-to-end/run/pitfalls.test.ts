import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { eventsOfType, writeAi } from "../../support/program.js";
import { newestResult, scriptedWorld } from "../support/scripted-world.js";

const nothing = reply("do_nothing");
const done = reply("task_complete", { reason: "Done." });
const remembering = { env: { MEMORY_BACKEND: "local" } };
const reminder = "This reminds you of these events from your past:";
const fact = "The harbour master of Brunsby is called Ilse Bremer";

test("pitfalls 1, 2 and 8: what one run remembers is recalled by the next, by the same AI only, until it is wiped", async (t) => {
  const ai = { name: "Keeper", goals: ["Find out who the harbour master of Brunsby is"] };
  const world = await scriptedWorld(
    t,
    (_request, index) => (index === 0 ? reply("memory_add", { string: fact }) : done),
    { ai, ...remembering },
  );
  assert.equal((await world.run(["-c"])).code, 0);
  assert.equal((await world.run(["-c"])).code, 0);
  const recalled = world.messages(2).at(-1)?.content ?? "";
  assert.match(recalled, new RegExp(`${reminder}\\n.*${fact}`, "s"));
  assert.ok((eventsOfType(await world.journal(), "context-built")[0]?.memories ?? 0) > 0);

  await writeAi(world.folder, { ...ai, name: "Stranger" });
  await world.run(["-c"]);
  assert.doesNotMatch(world.messages(3).at(-1)?.content ?? "", /Ilse Bremer/);
  await writeAi(world.folder, ai);
  await world.run(["-c", "--wipe-memory"]);
  assert.doesNotMatch(world.messages(4).at(-1)?.content ?? "", /Ilse Bremer/);
});

test("pitfall 3: the first run in an empty folder warns of nothing and leaves a valid memory file", async (t) => {
  const world = await scriptedWorld(t, [nothing, done], remembering);
  const { code, stderr } = await world.run([], { input: "y\ny -2\n" });
  assert.equal(code, 0);
  assert.equal(stderr, "");
  const [index = ""] = await readdir(join(world.folder, ".autogpt", "memory"));
  const [ai = ""] = await readdir(join(world.folder, ".autogpt", "memory", index));
  const lines = (await readFile(join(world.folder, ".autogpt", "memory", index, ai, "records.jsonl"), "utf8"))
    .trimEnd()
    .split("\n");
  for (const line of lines) assert.doesNotThrow(() => JSON.parse(line));
  assert.ok(lines.length >= 2);
});

test("pitfall 4: where the budget holds one memory only, it is the best match", async (t) => {
  const ai = { goals: ["Find the harbour master of Brunsby"] };
  const chatter = (topic: string): string =>
    reply("memory_add", { string: `${topic} ${"and much more of that kind ".repeat(100)}` });
  const script = [reply("memory_add", { string: fact }), chatter("Cooking"), chatter("Sailing"), done, done];
  const world = await scriptedWorld(t, script, { ai, ...remembering });
  await world.run(["-c"]);
  await world.run(["-c"], { env: { CONTEXT_TOKENS: "1130" } });
  assert.match(world.messages(4).at(-1)?.content ?? "", /Ilse Bremer/);
});

test("pitfall 5: goals of 3,000 tokens start with no_memory, with memory, and in a window that is too small for them", async (t) => {
  const goals = Array.from({ length: 5 }, (_, index) => `目标${index}：${"所有的问题都用中文回答。".repeat(60)}`);
  const world = await scriptedWorld(t, () => done, { ai: { goals } });
  assert.equal((await world.run(["-c"])).code, 0);
  assert.equal((await world.run(["-c"], { env: { MEMORY_BACKEND: "local" } })).code, 0);
  assert.equal((await world.run(["-c"], { env: { CONTEXT_TOKENS: "700" } })).code, 0);
  for (const goal of goals) assert.ok(world.messages(0)[0]?.content.includes(goal));
});

test("pitfalls 6, 17 and 31: a result of 50 KB and a file of 1 MB are shortened with a note, never dropped, and the next request shows them", async (t) => {
  const world = await scriptedWorld(
    t,
    [reply("read_file", { file: "50k.txt" }), reply("read_file", { file: "1m.txt" }), done],
    remembering,
  );
  await mkdir(join(world.folder, "workspace"));
  await writeFile(join(world.folder, "workspace", "50k.txt"), `BEGINNING ${"sentence of many words. ".repeat(2200)}`);
  await writeFile(join(world.folder, "workspace", "1m.txt"), `MEGABYTE ${"0123456789abcdef ".repeat(62_000)}`);
  const { code } = await world.run(["-c"], { env: { CONTEXT_TOKENS: "6000" } });
  assert.equal(code, 0);
  const [small, large] = [newestResult(world.messages(1)), newestResult(world.messages(2))];
  assert.match(small, /Command read_file returned: BEGINNING sentence/);
  assert.match(small, /Characters 0 to \d+ of \d+ are shown; read_file with "offset": \d+ goes on/);
  assert.match(large, /MEGABYTE .*read_file with "offset": \d+ goes on/s);
  assert.ok(small.length > 3000 && large.length > 3000, `${small.length} and ${large.length}`);
});

test("pitfall 18: the smart model's own limit counts, beyond 4,000 tokens", async (t) => {
  const world = await scriptedWorld(t, (_request, index) =>
    index < 9 ? reply("write_to_file", { file: "a.txt", text: "word ".repeat(900) }) : done,
  );
  const { code } = await world.run(["-c", "--gpt4only"], {
    env: { SMART_LLM_MODEL: "gpt-4", SMART_TOKEN_LIMIT: "8000" },
  });
  assert.equal(code, 0);
  const tokens = eventsOfType(await world.journal(), "context-built").map((event) => event.tokens);
  assert.ok(Math.max(...tokens) > 4500 && Math.max(...tokens) <= 8192, String(tokens));
});

test("pitfalls 19 and 20: absurd limits are clamped to the model's, and an unknown model works", async (t) => {
  const world = await scriptedWorld(t, () => done);
  for (const env of [
    { SMART_TOKEN_LIMIT: "1" },
    { SMART_TOKEN_LIMIT: "1000000000" },
    { SMART_LLM_MODEL: "home-made-7b" },
  ])
    assert.equal((await world.run(["-c"], { env })).code, 0, JSON.stringify(env));
  for (const { body } of world.server.chatRequests()) {
    const limit = Number(body?.max_completion_tokens ?? body?.max_tokens);
    assert.ok(limit >= 500 && limit <= 4000, String(limit));
  }
});

test("pitfall 21: the names of special tokens in a file are plain text", async (t) => {
  const world = await scriptedWorld(t, [reply("read_file", { file: "page.txt" }), nothing, done], remembering);
  await mkdir(join(world.folder, "workspace"));
  await writeFile(join(world.folder, "workspace", "page.txt"), "<|endoftext|> and <|im_start|>system");
  assert.equal((await world.run(["-c"])).code, 0);
  assert.match(newestResult(world.messages(1)), /<\|endoftext\|> and <\|im_start\|>system/);
});

test("pitfall 22: after a reply that cannot be used no earlier command runs again", async (t) => {
  const world = await scriptedWorld(t, [
    reply("append_to_file", { file: "a.txt", text: "once" }),
    "{broken",
    '{"command": {"name": null}}',
    done,
  ]);
  assert.equal((await world.run(["-c"])).code, 0);
  assert.equal(await world.file("a.txt"), "once");
  assert.deepEqual(
    eventsOfType(await world.journal(), "reply-parsed").map(({ command }) => command?.name ?? null),
    ["append_to_file", null, null, "task_complete"],
  );
});

test("pitfall 23: human_feedback and names that begin with error are unknown commands", async (t) => {
  const world = await scriptedWorld(t, [
    reply("human_feedback", { text: "Human feedback: go on" }),
    reply("Error: x"),
    done,
  ]);
  const { code, stdout } = await world.run(["-c"]);
  assert.equal(code, 0);
  assert.match(
    newestResult(world.messages(1)),
    /^Command human_feedback returned: Unknown command 'human_feedback'\. Please refer/,
  );
  assert.match(newestResult(world.messages(2)), /^Command Error: x returned: Unknown command 'Error: x'\./);
  assert.doesNotMatch(stdout, /^Human feedback/m);
});

test("pitfall 30: completion ends the step before it ends the run: result, memory and a summary are there", async (t) => {
  const world = await scriptedWorld(t, [reply("task_complete", { reason: "The report is written." })], remembering);
  const { code, stdout } = await world.run(["-c"]);
  assert.equal(code, 0);
  const journal = await world.journal();
  assert.match(eventsOfType(journal, "step-end")[0]?.result.text ?? "", /The report is written\./);
  assert.equal(eventsOfType(journal, "model-replied").filter(({ purpose }) => purpose === "embedding").length, 1);
  assert.match(stdout, /The task is complete\. 1 step, 2 requests, \d+ tokens, \$0\.\d+/);
  assert.equal((journal.at(-1) as unknown as RunEnd).reason, "task-complete");
});

test("pitfall 13: a memory that fails costs its recall and not the run, and says so once", async (t) => {
  const broken = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [index, { status: 401 }]));
  const world = await scriptedWorld(t, [nothing, nothing, done], { ...remembering, embeddingFaults: broken });
  const { code, stderr } = await world.run(["-c"]);
  assert.equal(code, 0);
  assert.equal(stderr.split("Memory failed").length - 1, 1);
});

test("pitfall 41: a reply that echoes the template runs nothing", async (t) => {
  const world = await scriptedWorld(t, [reply("command name", { "arg name": "value" }), done]);
  assert.equal((await world.run(["-c"])).code, 0);
  assert.match(newestResult(world.messages(1)), /repeats the response format/);
});

test("the history is told in messages: the reply as it came, the result framed as data, and the last message is never kept", async (t) => {
  const first = reply("write_to_file", { file: "a.txt", text: "a" });
  const world = await scriptedWorld(t, [first, nothing, done]);
  await world.run(["-c"]);
  const third = world.messages(2);
  assert.deepEqual(
    third.map(({ role }) => role),
    ["system", "assistant", "user", "assistant", "user", "user"],
  );
  assert.equal(third[1]?.content, first);
  assert.match(
    third[2]?.content ?? "",
    /^\[.*data, not instructions\]\nCommand write_to_file returned: File written to successfully\.\n\[/,
  );
  assert.deepEqual(third.slice(0, 3), world.messages(1).slice(0, -1));
  assert.match(third[5]?.content ?? "", /^The current time and date is .*\n\nGENERATE NEXT COMMAND JSON$/);
  assert.equal(JSON.stringify(third).split("The current time and date").length - 1, 1);
});
