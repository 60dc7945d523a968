import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { makeDocx, makePdf } from "../../support/documents/documents.js";
import { reply, type FakeOpenAi, type Script } from "../../support/services/fake-open-ai.js";
import { temporaryFolder } from "../../support/program.js";
import { scriptedWorld, type World, type WorldOptions } from "../support/scripted-world.js";

const remembering = { MEMORY_BACKEND: "local" };

/** A world with these files in its workspace, and a memory. */
async function worldWith(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
  { chat = [], ...options }: WorldOptions & { chat?: Script } = {},
): Promise<World> {
  const world = await scriptedWorld(t, chat, { ...options, env: { ...remembering, ...options.env } });
  for (const [name, content] of Object.entries(files)) await put(world, name, content);
  return world;
}

async function put({ folder }: World, name: string, content: string | Buffer): Promise<void> {
  const path = join(folder, "workspace", name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, content);
}

/** Every text that the server was asked to embed, in order. */
const embedded = ({ requests }: FakeOpenAi): string[] =>
  requests.filter(({ path }) => path.endsWith("/embeddings")).flatMap(({ body }) => body?.input ?? []);

const stats = async (world: World) =>
  JSON.parse((await world.run(["memory", "stats", "--json"])).stdout) as { records: number; embeddingModel: string };

type Found = { text: string; score: number; id: string; source: { from?: string } };
const search = async (world: World, ...words: string[]): Promise<Found[]> =>
  JSON.parse((await world.run(["memory", "search", ...words, "--json"])).stdout) as Found[];

test("pitfall 2: what was ingested is in the recalled memories of the run; twice in a row, and nothing is embedded again", async (t) => {
  const fact = "The harbour gate opens with the code 7 3 1 9.";
  const world = await worldWith(
    t,
    { "notes/harbour.md": `# Harbour\n\n${fact}\n`, "notes/other.txt": "Bread is baked on Tuesdays." },
    {
      ai: { goals: ["Find out the code that opens the harbour gate"] },
      chat: ({ body }) => {
        const last = body?.messages.at(-1)?.content ?? "";
        return reply("task_complete", { reason: last.includes("7 3 1 9") ? "the code is 7 3 1 9" : "unknown" });
      },
    },
  );
  for (const time of [1, 2]) {
    const ingested = await world.run(["ingest", "--dir", "notes"]);
    assert.equal(ingested.code, 0, ingested.stderr);
    assert.match(
      ingested.stdout,
      time === 1 ? /2 pieces added.*0 files unchanged/ : /0 pieces added.*2 files unchanged/,
    );
    const { code, stdout } = await world.run(["-c"]);
    assert.equal(code, 0);
    assert.match(stdout, /the code is 7 3 1 9/);
    const asked = world.messages(time - 1).at(-1)?.content ?? "";
    assert.match(asked, /This reminds you of these events from your past:[^]*Filename: notes\/harbour\.md[^]*7 3 1 9/);
  }
  const texts = embedded(world.server);
  assert.ok(texts.some((text) => text.includes(fact)));
  assert.deepEqual(texts, [...new Set(texts)], "nothing is embedded twice");
});

test("the text of PDF, DOCX, HTML, Markdown and CSV is found; what holds none is named and skipped", async (t) => {
  const world = await worldWith(t, {
    "a.pdf": makePdf("The walrus lives in the cellar."),
    "b.docx": makeDocx("The heron nests on the chimney."),
    "deep/c.html":
      "<html><head><script>badger()</script></head><body><p>The badger digs under the shed.</p></body></html>",
    "d.md": "# Otter\n\nThe otter swims in the pond.",
    "e.csv": "animal,place\nlynx,attic\nmole,lawn\n",
    "f.bin": Buffer.from([0, 1, 2, 3]),
    "g.pdf": "%PDF-1.4 broken",
    ".hidden/h.md": "not this",
    "node_modules/i.md": "nor this",
  });
  const { code, stdout, stderr } = await world.run(["ingest", "--dir", "."]);
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^7 files for "Tester": 5 pieces added, 0 forgotten, 0 files unchanged, 2 skipped\. Used \d+ tokens/,
  );
  assert.match(stderr, /f\.bin: skipped\. It is not text/);
  assert.match(stderr, /g\.pdf: skipped\. It is not a readable PDF/);
  for (const [question, file] of Object.entries({
    "walrus lives cellar": "a.pdf",
    "heron nests chimney": "b.docx",
    "badger digs shed": "deep/c.html",
    "otter swims pond": "d.md",
    "animal lynx attic": "e.csv",
  })) {
    const [best] = await search(world, question, "-k", "1");
    assert.equal(best?.source.from, file);
  }
  assert.ok(!embedded(world.server).some((text) => /badger\(\)|not this|nor this/.test(text)));
});

test("a changed file costs its changed pieces only, and what it no longer holds is forgotten", async (t) => {
  const paragraph = (name: string) => `${name} `.repeat(15).trim().padEnd(100, ".");
  const world = await worldWith(t, { "a.txt": ["one", "two", "three"].map(paragraph).join("") });
  const sizes = ["--max-length", "100", "--overlap", "0"];
  assert.match((await world.run(["ingest", "--file", "a.txt", ...sizes])).stdout, /3 pieces added/);
  await put(world, "a.txt", ["one", "four"].map(paragraph).join(""));
  assert.match((await world.run(["ingest", "--file", "a.txt", ...sizes])).stdout, /1 piece added, 2 forgotten/);
  assert.equal((await stats(world)).records, 2);
  assert.equal(embedded(world.server).filter((text) => text.includes("one")).length, 1);
  assert.ok(!(await search(world, "three")).some(({ text }) => text.includes("three")));
});

test("pitfalls 54, 55: pieces are at most as long as told, overlap as told, and an overlap that is not shorter is refused", async (t) => {
  const text = Array.from({ length: 60 }, (_, number) => `sentence ${number}. `).join("");
  const world = await worldWith(t, { "a.txt": text });
  for (const overlap of ["50", "51"]) {
    const { code, stderr } = await world.run(["ingest", "--file", "a.txt", "--max-length", "50", "--overlap", overlap]);
    assert.equal(code, 2);
    assert.match(stderr, /--overlap \(5[01]\) has to be smaller than --max-length \(50\)/);
  }
  assert.equal((await world.run(["ingest", "--file", "a.txt", "--max-length", "100", "--overlap", "20"])).code, 0);
  const pieces = embedded(world.server).map((piece) => piece.replace(/^Filename: a\.txt\nContent part#\d+: /, ""));
  assert.ok(pieces.length > 8);
  assert.equal(
    pieces.reduce((whole, piece) => whole + piece.slice(whole === "" ? 0 : 20), ""),
    text,
  );
  for (const piece of pieces) assert.ok(piece.length <= 100);
});

test("files outside the workspace are out of reach, by path or by link", async (t) => {
  const world = await worldWith(t, { "a.txt": "inside" });
  const outside = await temporaryFolder(t);
  await writeFile(join(outside, "secret.txt"), "outside");
  await symlink(outside, join(world.folder, "workspace", "link"));
  for (const file of [join(outside, "secret.txt"), "../ai_settings.yaml", "link/secret.txt", "none.txt", ".."]) {
    const { code, stderr } = await world.run(["ingest", "--file", file]);
    assert.equal(code, 2, file);
    assert.match(stderr, /workspace/, file);
  }
  assert.equal((await world.run(["ingest", "--dir", "."])).code, 0);
  assert.deepEqual(embedded(world.server).length, 1);
  assert.equal((await world.run(["ingest", "--dir", outside])).code, 2);
});

test("a path may be given from the current folder too", async (t) => {
  const world = await worldWith(t, { "sub/a.txt": "inside" });
  for (const args of [
    ["--file", "workspace/sub/a.txt"],
    ["--dir", "workspace/sub"],
    ["--dir", join(world.folder, "workspace")],
  ]) {
    assert.equal((await world.run(["ingest", ...args])).code, 0, args.join(" "));
  }
  assert.equal((await stats(world)).records, 1);
});

test("--init forgets first; without it everything stays; each AI has its own", async (t) => {
  const world = await worldWith(t, { "a.txt": "red", "b.txt": "blue" });
  await world.run(["ingest", "--file", "a.txt"]);
  await world.run(["ingest", "--file", "b.txt"]);
  assert.equal((await stats(world)).records, 2);
  await world.run(["ingest", "--file", "b.txt", "--ai-name", "Other"]);
  assert.match((await world.run(["ingest", "--file", "b.txt", "--init"])).stdout, /1 piece added/);
  assert.deepEqual(
    (await search(world, "red")).map(({ source }) => source.from),
    ["b.txt"],
  );
  assert.equal(embedded(world.server).filter((text) => text.includes("blue")).length, 1);
  const other = await world.run(["memory", "stats", "--json", "--ai-name", "Other"]);
  assert.equal((JSON.parse(other.stdout) as { records: number }).records, 1);
});

test("wrong usage ends with exit 2 and says what to do", async (t) => {
  const world = await worldWith(t, { "a.txt": "red" });
  const cases: [string[], RegExp][] = [
    [["ingest"], /either --file FILE or --dir DIR/],
    [["ingest", "--file", "a.txt", "--dir", "."], /either --file/],
    [["ingest", "--file", "a.txt", "--max-length", "0"], /--max-length has to be a whole number of at least 1/],
    [["ingest", "--file", "a.txt", "--overlap", "-1"], /--overlap|argument/],
    [["ingest", "--file", "a.txt", "-m", "no_memory"], /no_memory remembers nothing/],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await world.run(args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, message);
    assert.equal(stdout, "");
  }
  await rm(join(world.folder, "ai_settings.yaml"));
  const nameless = await world.run(["ingest", "--file", "a.txt"]);
  assert.equal(nameless.code, 2);
  assert.match(nameless.stderr, /--ai-name/);
  assert.equal(embedded(world.server).length, 0);
});

test("pitfall 13: a server that keeps refusing ends it with a readable error; what was added stays, and is not paid for again", async (t) => {
  const faults = Object.fromEntries(Array.from({ length: 3 }, (_, index) => [index + 2, { status: 429 }]));
  const files = Object.fromEntries(
    Array.from({ length: 4 }, (_, number) => [`${number}.txt`, `animal number ${number}`]),
  );
  const world = await worldWith(t, files, { embeddingFaults: faults, env: { OPENAI_RETRIES: "0" } });
  const stopped = await world.run(["ingest", "--dir", "."]);
  assert.equal(stopped.code, 7);
  assert.match(stopped.stderr, /takes no more requests at the moment/);
  assert.match(stopped.stderr, /2\/4 1\.txt: 1 of 1 pieces added/);
  for (let time = 0; time < 2; time += 1) assert.equal((await world.run(["ingest", "--dir", "."])).code, 7);
  const { code, stdout } = await world.run(["ingest", "--dir", "."]);
  assert.equal(code, 0);
  assert.match(stdout, /2 pieces added, 0 forgotten, 2 files unchanged/);
  assert.equal((await stats(world)).records, 4);
});

test("killed in the middle and run again, every piece is there once", async (t) => {
  const text = Array.from({ length: 3_000 }, (_, number) => `fact ${number} of many. `).join("");
  const world = await worldWith(t, { "a.txt": text }, { embeddingFaults: { 3: "hang" } });
  const sizes = ["--max-length", "200", "--overlap", "20"];
  const running = world.start(["ingest", "--file", "a.txt", ...sizes]);
  while (embedded(world.server).length < 100) await new Promise((resolve) => setTimeout(resolve, 20));
  running.child.kill("SIGKILL");
  await running.ended;
  const before = (await stats(world)).records;
  const { code, stdout } = await world.run(["ingest", "--file", "a.txt", ...sizes]);
  assert.equal(code, 0);
  const after = (await stats(world)).records;
  assert.equal(Number(/(\d+) pieces? added/.exec(stdout)?.[1]), after - before);
  assert.ok(before > 0 && before < after, `${before} of ${after} records before`);
  const shown = JSON.parse((await world.run(["memory", "show", "--json", "-k", "100000"])).stdout) as Found[];
  assert.equal(new Set(shown.map((record) => record.text)).size, after);
});

test("Ctrl-C ends it with 130, and a cost limit before a request that does not fit", async (t) => {
  const world = await worldWith(t, { "a.txt": "red ".repeat(5_000) }, { embeddingFaults: { 0: "hang" } });
  const running = world.start(["ingest", "--file", "a.txt"]);
  while (world.server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  running.child.kill("SIGINT");
  assert.equal((await running.ended).code, 130);
  const { code, stderr } = await world.run(["ingest", "--file", "a.txt", "--max-tokens", "100"]);
  assert.equal(code, 5);
  assert.match(stderr, /limit|tokens/);
  assert.equal(world.server.requests.length, 1);
});

test("no key of the environment enters memory, and a file that holds one is not taken for changed", async (t) => {
  const key = "sk-very-secret-value-0123456789";
  const world = await worldWith(t, { "a.txt": `the key is ${key} indeed` }, { env: { OPENAI_API_KEY: key } });
  assert.equal((await world.run(["ingest", "--file", "a.txt"])).code, 0);
  assert.match((await world.run(["ingest", "--file", "a.txt"])).stdout, /1 file unchanged/);
  assert.ok(embedded(world.server).every((text) => text.includes("[secret]") && !text.includes(key)));
  const home = join(world.folder, ".autogpt");
  for (const name of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (name.isFile()) assert.ok(!(await readFile(join(name.parentPath, name.name))).includes(key), name.name);
  }
});

test("a file of a megabyte is taken in few requests", async (t) => {
  const text = Array.from({ length: 40_000 }, (_, number) => `line ${number} of the long file\n`).join("");
  const world = await worldWith(t, { "a.txt": text });
  const { code, stdout } = await world.run(["ingest", "--file", "a.txt"]);
  assert.equal(code, 0);
  const pieces = Number(/(\d+) pieces? added/.exec(stdout)?.[1]);
  assert.ok(pieces > 270 && pieces < 320, String(pieces));
  assert.ok(world.server.requests.length <= pieces / 8, `${world.server.requests.length} requests`);
  const [best] = await search(world, "line 31999 of the long file", "-k", "1");
  assert.ok(best);
});
