import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { MemoryStats, Recalled } from "../../../src/memory/memory.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld, type World, type WorldOptions } from "../support/scripted-world.js";

/** A world whose AI has remembered these notes in a run. */
async function remembering(t: TestContext, notes: readonly string[], options: WorldOptions = {}): Promise<World> {
  const world = await scriptedWorld(
    t,
    [...notes.map((string) => reply("memory_add", { string })), reply("task_complete", { reason: "done" })],
    { ...options, env: { MEMORY_BACKEND: "local", ...options.env } },
  );
  if (notes.length > 0) assert.equal((await world.run(["-c"])).code, 0);
  return world;
}

const asJson = async <Value>(world: World, ...args: string[]): Promise<Value> => {
  const { code, stdout, stderr } = await world.run(["memory", ...args, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Value;
};
const texts = (found: readonly { text: string }[]): string[] => found.map(({ text }) => text);
const requests = ({ server }: World): number =>
  server.requests.filter(({ path }) => path.endsWith("/embeddings")).length;

test("memory stats says what there is, as text and as JSON, without a key and without asking the server", async (t) => {
  const world = await remembering(t, ["The cellar key hangs behind the door."]);
  const asked = requests(world);
  const stats = await asJson<MemoryStats & { aiName: string; index: string }>(world, "stats");
  assert.deepEqual(
    [stats.aiName, stats.index, stats.backend, stats.embeddingModel, stats.dimension],
    ["Tester", "auto-gpt", "local", "text-embedding-3-small", 64],
  );
  // The note, and each of the two steps.
  assert.ok(stats.records === 3 && (stats.bytes ?? 0) > 0, String(stats.records));
  const { stdout } = await world.run(["memory", "stats"]);
  assert.match(
    stdout,
    /The memory of "Tester" in the index auto-gpt, on local:\n\d+ records, embedded by text-embedding-3-small, 64 numbers each/,
  );
  assert.equal(requests(world), asked);
});

test("memory search prints score, age and source, best first, at most as many as asked for", async (t) => {
  const world = await remembering(t, ["The cellar key hangs behind the door.", "Bread is baked on Tuesdays."]);
  const found = await asJson<(Recalled & { age: string })[]>(world, "search", "where is the cellar key", "-k", "2");
  assert.equal(found.length, 2);
  assert.equal(found[0]?.text, "The cellar key hangs behind the door.");
  assert.equal(found[0]?.source.kind, "note");
  assert.ok((found[0]?.score ?? 0) > (found[1]?.score ?? 1));
  assert.match(found[0]?.age ?? "", /^\d+ seconds? ago$/);
  const { stdout } = await world.run(["memory", "search", "cellar key", "-k", "1"]);
  assert.match(
    stdout,
    /^0\.\d{3} {2}\d+ seconds? ago {2}note, run 2026\S+, step 1 {2}\S+\n {4}The cellar key hangs behind the door\.\n$/,
  );
});

test("memory show lists the newest, or prints whole records by the beginning of their ids", async (t) => {
  const long = `begins ${"and goes on ".repeat(50)}ends`;
  const world = await remembering(t, [long]);
  const [record] = (await asJson<Recalled[]>(world, "search", "begins and goes on ends")).filter(
    ({ text }) => text === long,
  );
  assert.ok(record);
  const list = await world.run(["memory", "show"]);
  assert.match(list.stdout, /begins and goes on/);
  assert.ok(!list.stdout.includes(long));
  const { stdout } = await world.run(["memory", "show", record.id.slice(0, 8)]);
  assert.ok(stdout.startsWith(record.id) && stdout.includes(long));
  const missing = await world.run(["memory", "show", "no-such-id"]);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /no-such-id/);
});

test("what is remembered cannot move the cursor of who looks at it; JSON holds it as it is", async (t) => {
  const note = "red\u001b[2Jhouse \u202e reversed";
  const world = await remembering(t, [note]);
  const { stdout } = await world.run(["memory", "search", "red house"]);
  assert.ok(!/[\u001b\u202e]/.test(stdout));
  assert.ok(stdout.includes("\\u001b[2Jhouse"));
  assert.ok(texts(await asJson<Recalled[]>(world, "search", "red house")).includes(note));
});

test("memory forget forgets what everything given holds for, and refuses to forget all by mistake", async (t) => {
  const world = await remembering(t, ["red", "blue"]);
  const [red] = (await asJson<Recalled[]>(world, "search", "red", "-k", "1")) as [Recalled];
  assert.deepEqual(await asJson(world, "forget", red.id), { forgotten: 1 });
  assert.deepEqual(await asJson(world, "forget", "--kind", "note", "--before", "2020-01-01"), { forgotten: 0 });
  assert.match((await world.run(["memory", "forget", "--kind", "note"])).stdout, /^Forgot 1 record\.$/m);
  const rest = await asJson<Recalled[]>(world, "show");
  assert.ok(rest.length > 0 && rest.every(({ source }) => source.kind === "step"));
  for (const args of [[], ["--kind", "colour"], ["--before", "soon"]]) {
    const { code, stderr } = await world.run(["memory", "forget", ...args]);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, /--kind|--before/);
  }
  assert.equal((await asJson<Recalled[]>(world, "show")).length, rest.length);
});

test("memory export and import carry a memory elsewhere, embedding nothing again, and import twice adds once", async (t) => {
  const notes = ["The cellar key hangs behind the door.", "line\nends\u2028and 😀"];
  const world = await remembering(t, notes);
  const { stdout } = await world.run(["memory", "export"]);
  const file = join(world.folder, "memory.jsonl");
  const exported = await asJson<{ exported: number }>(world, "export", file);
  assert.equal(exported.exported, stdout.trimEnd().split("\n").length);
  assert.equal((await stat(file)).mode & 0o077, 0);
  assert.equal((await world.run(["memory", "export", file])).code, 2, "nothing is overwritten");

  const asked = requests(world);
  const there = await asJson<{ added: number; skipped: number }>(world, "import", file, "--ai-name", "Other");
  assert.deepEqual([there.added, there.skipped], [exported.exported, 0]);
  const again = await asJson<{ added: number; skipped: number }>(world, "import", file, "--ai-name", "Other");
  assert.deepEqual([again.added, again.skipped], [0, exported.exported]);
  const copied = await world.run(["memory", "export", "--ai-name", "Other"]);
  assert.equal(copied.stdout, stdout);
  assert.equal(requests(world), asked);
  const piped = await world.run(["memory", "import", "-", "--ai-name", "Third"], { input: stdout.trimEnd() });
  assert.match(piped.stdout, new RegExp(`^Added ${exported.exported} records`));
});

test("the copy of a damaged memory is imported as far as it can be read", async (t) => {
  const world = await remembering(t, ["The cellar key hangs behind the door."]);
  const { detail, records } = await asJson<MemoryStats>(world, "stats");
  const file = join(detail ?? "", "records.jsonl");
  const [header = "", first = "", ...others] = (await readFile(file, "utf8")).split("\n");
  for (const [damaged, added] of [
    [[header, first.replace('"run"', '"run '), ...others], records - 1],
    [[header.replace("embedding", "embeddinG"), first, ...others], records],
  ] as const) {
    const copy = join(world.folder, "copy.jsonl");
    await writeFile(copy, damaged.join("\n"));
    const there = await asJson<{ added: number }>(world, "import", copy, "--ai-name", `Other ${added}`);
    assert.equal(there.added, added);
  }
});

test("an import without vectors embeds the texts; a line that is no record is named", async (t) => {
  const world = await remembering(t, ["red house"]);
  const { stdout } = await world.run(["memory", "export", "--no-vectors"]);
  assert.ok(!stdout.includes("vectors"));
  const file = join(world.folder, "memory.jsonl");
  await writeFile(file, stdout);
  assert.equal((await world.run(["memory", "import", file, "--ai-name", "Other"])).code, 0);
  assert.ok(texts(await asJson<Recalled[]>(world, "search", "red house", "--ai-name", "Other")).includes("red house"));
  await writeFile(file, `${stdout}{"text": 1}\n`);
  const { code, stderr } = await world.run(["memory", "import", file, "--ai-name", "Third"]);
  assert.equal(code, 2);
  assert.match(stderr, new RegExp(`line ${stdout.trimEnd().split("\n").length + 1}, is not an exported record`));
  assert.equal((await world.run(["memory", "import", "missing.jsonl"])).code, 2);
});

test("a memory of another model is refused with the command that mends it, and memory reembed mends it", async (t) => {
  const world = await remembering(t, ["The cellar key hangs behind the door."]);
  const env = { EMBEDDING_MODEL: "text-embedding-3-large" };
  const refused = await world.run(["memory", "search", "key"], { env });
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /made with text-embedding-3-small.*EMBEDDING_MODEL=text-embedding-3-small.*autogpt memory reembed/,
  );
  assert.equal((await world.run(["memory", "stats"], { env })).code, 0, "looking at it is possible");
  const before = await asJson<Recalled[]>(world, "show");
  const mended = await world.run(["memory", "reembed"], { env });
  assert.equal(mended.code, 0, mended.stderr);
  assert.match(mended.stdout, /Made \d+ records anew with text-embedding-3-large\. Used \d+ tokens, \$0\.\d{4}/);
  const { code, stdout } = await world.run(["memory", "search", "cellar key", "-k", "1"], { env });
  assert.equal(code, 0);
  assert.match(stdout, /The cellar key hangs behind the door/);
  assert.deepEqual(await asJson<Recalled[]>(world, "show"), before, "ids, times and sources stay");
  assert.equal((await world.run(["memory", "search", "key"])).code, 2, "the old settings are refused now");
});

test("a server that comes to give other dimensions under the same name is refused, and reembed asks it anew", async (t) => {
  const world = await remembering(t, ["The cellar key hangs behind the door."]);
  const other = await scriptedWorld(t, [], { dimension: 96 });
  const env = { OPENAI_API_BASE_URL: other.server.url };
  const refused = await world.run(["memory", "search", "key"], { env });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /64 numbers.*now gives 96.*autogpt memory reembed/);
  assert.equal((await world.run(["memory", "reembed"], { env })).code, 0);
  const { stdout } = await world.run(["memory", "search", "cellar key", "-k", "1"], { env });
  assert.match(stdout, /The cellar key hangs/);
});

test("memory clear forgets this AI alone", async (t) => {
  const world = await remembering(t, ["red"]);
  await world.run(["memory", "export", "all.jsonl"]);
  await world.run(["memory", "import", "all.jsonl", "--ai-name", "Other"]);
  assert.match((await world.run(["memory", "clear"])).stdout, /^Forgot \d+ records, all that "Tester" remembered\.$/m);
  assert.equal((await asJson<MemoryStats>(world, "stats")).records, 0);
  assert.ok((await asJson<MemoryStats>(world, "stats", "--ai-name", "Other")).records > 0);
  assert.deepEqual(await asJson(world, "clear"), { forgotten: 0 });
});

test("EMBEDDING_PROVIDER=none asks no server and recalls by words", async (t) => {
  const world = await remembering(t, ["The cellar key hangs behind the door.", "Bread is baked on Tuesdays."], {
    env: { EMBEDDING_PROVIDER: "none" },
  });
  assert.equal(requests(world), 0);
  const [best] = (await asJson<Recalled[]>(world, "search", "cellar", "-k", "1")) as [Recalled];
  assert.match(best.text, /cellar key/);
  const kept = await world.run(["memory", "search", "cellar"], { env: { EMBEDDING_PROVIDER: "auto" } });
  assert.equal(kept.code, 0, "auto keeps what the memory was made with");
  assert.equal(requests(world), 0);
});

test("pitfall 94: a record labels what the AI said and what came of it, and feedback as feedback", async (t) => {
  const world = await scriptedWorld(
    t,
    [
      reply("write_to_file", { file: "a.txt", text: "a" }),
      reply("do_nothing"),
      reply("task_complete", { reason: "x" }),
    ],
    { env: { MEMORY_BACKEND: "local" } },
  );
  assert.equal((await world.run(["-y"], { input: "y\nwrite it in French\ny\n" })).code, 0);
  const steps = (await asJson<Recalled[]>(world, "show")).filter(({ source }) => source.kind === "step");
  assert.equal(steps.length, 3);
  const [ran, told] = steps as [Recalled, Recalled];
  assert.match(ran.text, /Command write_to_file returned: File written to successfully\./);
  assert.ok(!ran.text.includes("Human feedback"));
  assert.match(told.text, /Human feedback: write it in French/);
  assert.ok(!told.text.includes("Command do_nothing returned"));
});

test("usage errors of memory commands end with exit 2", async (t) => {
  const world = await remembering(t, []);
  for (const args of [
    ["memory"],
    ["memory", "fly"],
    ["memory", "search"],
    ["memory", "search", "x", "-k", "0"],
    ["memory", "stats", "extra"],
  ]) {
    const { code, stdout } = await world.run(args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(stdout, "");
  }
  assert.match((await world.run(["memory", "--help"])).stdout, /reembed/);
  assert.match(await readFile(join(world.folder, "ai_settings.yaml"), "utf8"), /Tester/);
});

test("what the system refuses is said without a stack: a folder in place of a file, a lock that is none", async (t) => {
  const world = await remembering(t, [], { env: { EMBEDDING_PROVIDER: "none" } });
  const folder = await world.run(["memory", "import", "."]);
  assert.equal(folder.code, 2, folder.stderr);
  assert.match(folder.stderr, /^\. cannot be read: it is a folder\n$/);
  const line = JSON.stringify({
    ...{ id: "a", text: "t", time: "2026-11-23T00:00:00.000Z" },
    source: { run: "r", step: 1, kind: "note" },
  });
  await writeFile(join(world.folder, "in.jsonl"), `${line}\n`);
  assert.equal((await world.run(["memory", "import", "in.jsonl"])).code, 0);
  const [lock = ""] = (await readdir(join(world.folder, ".autogpt", "memory", "auto-gpt"))).map((name) =>
    join(world.folder, ".autogpt", "memory", "auto-gpt", name, "lock"),
  );
  await mkdir(lock);
  const locked = await world.run(["memory", "forget", "a"]);
  assert.equal(locked.code, 2, locked.stderr);
  assert.match(locked.stderr, /^This was not done to its end: EISDIR/);
  assert.doesNotMatch(locked.stderr, /fault of this program|\n {4}at /);
});

test("without an AI of the folder's own, memory and doctor mean that of the last run; an empty memory names the other", async (t) => {
  const script = [
    reply("memory_add", { string: "The cellar key hangs behind the door." }),
    reply("task_complete", { reason: "done" }),
  ];
  const world = await scriptedWorld(t, script, { ai: null, env: { MEMORY_BACKEND: "local" } });
  assert.match((await world.run(["memory", "search", "key"])).stderr, /no run yet: name the AI with --ai-name/);
  assert.equal((await world.run(["-c", "find the key"])).code, 0);
  const example = await readFile(new URL("../../../ai_settings.yaml", import.meta.url), "utf8");
  for (const file of [null, example]) {
    if (file !== null) await writeFile(join(world.folder, "ai_settings.yaml"), file);
    assert.match((await world.run(["memory", "search", "cellar key", "-k", "1"])).stdout, /behind the door/);
    const { stdout } = await world.run(["doctor", "--json"]);
    const memory = (JSON.parse(stdout) as { id: string; found: string }[]).find(({ id }) => id === "memory");
    assert.match(memory?.found ?? "", /^local, 3 records by \S+, of "AutoGPT"/);
  }
  await writeFile(join(world.folder, "ai_settings.yaml"), example.replace("Librarian", "Reader"));
  const other = await world.run(["memory", "search", "cellar key"]);
  assert.equal(
    other.stdout,
    'Nothing is recalled by "Reader". The last run here was by "AutoGPT": --ai-name AutoGPT looks into its memory.\n',
  );
});
