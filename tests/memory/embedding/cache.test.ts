import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { withEmbeddingCache } from "../../../src/memory/embedding/cache.js";
import type { Embed } from "../../../src/memory/memory.js";
import { openCacheFile } from "../../../src/memory/embedding/cache-file.js";
import { temporaryFolder } from "../../support/program.js";
import { wordsEmbedding, wordsVector } from "./words-embedding.js";
import { sourceLoader } from "../../support/source-loader.js";

const call = { step: 1, signal: new AbortController().signal };
const silent = { warn: (message: string) => assert.fail(message) };

async function cached(t: TestContext, embed: Embed, directory?: string, model = "a/model:latest") {
  return withEmbeddingCache(embed, { directory: directory ?? (await temporaryFolder(t)), model, ...silent });
}

const dataFile = async (directory: string, ending: string): Promise<string> =>
  join(directory, (await readdir(directory)).find((name) => name.endsWith(ending)) ?? "none");

test("no text is embedded twice: within a call, in a later one, after a restart", async (t) => {
  const directory = await temporaryFolder(t);
  const { embed, asked } = wordsEmbedding();
  const first = await cached(t, embed, directory);
  const texts = ["red house", "blue boat", "red house"];
  assert.deepEqual(await first(texts, call), texts.map(wordsVector));
  assert.deepEqual(await (await cached(t, embed, directory))(["blue boat", "green hill"], call), [
    wordsVector("blue boat"),
    wordsVector("green hill"),
  ]);
  assert.deepEqual(asked, ["red house", "blue boat", "green hill"]);
});

test("each model has vectors of its own, and on disk no text can be read", async (t) => {
  const directory = await temporaryFolder(t);
  const [one, other] = [wordsEmbedding(), wordsEmbedding()];
  await (
    await cached(t, one.embed, directory, "Model")
  )(["a secret"], call);
  await (
    await cached(t, other.embed, directory, "model")
  )(["a secret"], call);
  assert.deepEqual([one.asked.length, other.asked.length], [1, 1]);
  for (const name of await readdir(directory)) {
    assert.ok(!(await readFile(join(directory, name))).includes("secret"));
    assert.equal((await stat(join(directory, name))).mode & 0o077, 0);
  }
});

test("what a killed process left half-written is cut off, what is damaged counts as missing", async (t) => {
  const directory = await temporaryFolder(t);
  const { embed, asked } = wordsEmbedding();
  await (
    await cached(t, embed, directory)
  )(["one", "two", "three"], call);
  const [keys, vectors] = [await dataFile(directory, ".keys"), await dataFile(directory, ".vectors")];
  await appendFile(keys, "torn");
  await truncate(vectors, (await stat(vectors)).size - 7);
  const bytes = await readFile(vectors);
  bytes[3] = (bytes[3] ?? 0) ^ 0x40;
  await writeFile(vectors, bytes);
  asked.length = 0;
  const again = await cached(t, embed, directory);
  assert.deepEqual(await again(["one", "two", "three"], call), ["one", "two", "three"].map(wordsVector));
  assert.deepEqual(asked, ["one", "three"]);
  await again(["four"], call);
  assert.deepEqual(await (await cached(t, embed, directory))(["two", "four"], call), ["two", "four"].map(wordsVector));
  assert.deepEqual(asked, ["one", "three", "four"]);
  assert.deepEqual(await (await cached(t, embed, directory))(["one"], call), [wordsVector("one")]);
  assert.equal(asked.length, 3, "a damaged vector is mended");
});

test("a failed request, wrong counts and vectors that are none leave nothing behind", async (t) => {
  const directory = await temporaryFolder(t);
  const { embed, asked } = wordsEmbedding();
  const broken = [
    async () => [],
    async () => [new Float32Array([NaN, 1])],
    async () => Promise.reject(new Error("down")),
  ];
  await assert.rejects(
    (await cached(t, broken[0] as Embed, directory))(["red"], call),
    /asked for 1 vectors and gave 0/,
  );
  assert.equal((await (await cached(t, broken[1] as Embed, directory))(["red"], call)).length, 1);
  await assert.rejects((await cached(t, broken[2] as Embed, directory))(["red"], call), /down/);
  assert.deepEqual(await (await cached(t, embed, directory))(["red"], call), [wordsVector("red")]);
  assert.deepEqual(asked, ["red"]);
});

test("a model that has come to give other dimensions is asked for everything anew", async (t) => {
  const directory = await temporaryFolder(t);
  await (
    await cached(t, wordsEmbedding().embed, directory)
  )(["red", "blue"], call);
  const wide: Embed = async (texts) => texts.map(({ length }) => new Float32Array(100).fill(length));
  const now = await cached(t, wide, directory);
  assert.deepEqual(
    (await now(["red", "green"], call)).map((vector) => [vector.length, vector[0]]),
    [
      [100, 3],
      [100, 5],
    ],
  );
  assert.equal((await now(["blue"], call))[0]?.length, 100);
});

for (const [what, length] of [
  ["another dimension", 2],
  ["the same dimension", 64],
] as const) {
  test(`renew asks again and keeps the answer in place of one of ${what}`, async (t) => {
    const directory = await temporaryFolder(t);
    const { embed, asked } = wordsEmbedding();
    const old: Embed = async (texts) => texts.map(() => new Float32Array(length).fill(1));
    const asBefore = await cached(t, old, directory);
    await asBefore(["red"], call);
    const renewed = withEmbeddingCache(embed, { directory, model: "a/model:latest", renew: true, ...silent });
    assert.deepEqual(await renewed(["red"], call), [wordsVector("red")]);
    assert.deepEqual(await (await cached(t, embed, directory))(["red"], call), [wordsVector("red")]);
    assert.deepEqual(asked, ["red"]);
  });
}

test("a folder that cannot be used is said once, and texts are embedded all the same", async (t) => {
  const directory = await temporaryFolder(t);
  const said: string[] = [];
  await writeFile(join(directory, "file"), "");
  const { embed } = wordsEmbedding();
  const options = {
    directory: join(directory, "file"),
    model: "m",
    warn: (message: string) => void said.push(message),
  };
  const embedCached = withEmbeddingCache(embed, options);
  for (const text of ["red", "blue"]) assert.deepEqual(await embedCached([text], call), [wordsVector(text)]);
  assert.equal(said.length, 1);
  assert.match(said[0] ?? "", /cannot be used/);
});

test("where the file would grow too large it begins anew", async (t) => {
  const file = openCacheFile(join(await temporaryFolder(t), "vectors"), 1_000);
  const vectorOf = (number: number) => new Float32Array([number, 1, 2, 3]);
  for (let number = 0; number < 100; number += 1) {
    await file.add(new Map([[String(number), vectorOf(number)]]));
    assert.deepEqual((await file.find([String(number)])).get(String(number)), vectorOf(number));
  }
  assert.equal((await file.find(["0"])).size, 0);
});

test("vectors that are gone from files which were read before are missing, and what is added then is the right one; a folder that is gone is made anew", async (t) => {
  const folder = join(await temporaryFolder(t), "made", "later");
  const path = join(folder, "vectors");
  const vectorOf = (number: number) => new Float32Array([number, 1, 2, 3]);
  const [file, names] = [openCacheFile(path), ["0", "1", "2"]];
  for (const name of names) await file.add(new Map([[name, vectorOf(Number(name))]]));
  assert.equal((await file.find(names)).size, 3);
  await truncate(`${path}.vectors`, (await stat(`${path}.vectors`)).size / 3);
  await file.add(new Map([["3", vectorOf(3)]]));
  for (const each of [file, openCacheFile(path)])
    assert.deepEqual(
      [...(await each.find(["0", "1", "2", "3"]))],
      [0, 3].map((number) => [`${number}`, vectorOf(number)]),
    );
  await rm(folder, { recursive: true });
  assert.equal((await file.find(names)).size, 0);
  await file.add(new Map([["4", vectorOf(4)]]));
  assert.deepEqual((await openCacheFile(path).find(["4"])).get("4"), vectorOf(4));
});

test("three processes write at once, one of them is killed, and every vector found is the right one", async (t) => {
  const directory = await temporaryFolder(t);
  const script = `
    import { openCacheFile } from ${JSON.stringify(fileURLToPath(new URL("../../../src/memory/embedding/cache-file.ts", import.meta.url)))};
    const file = openCacheFile(process.argv[1]);
    process.stdout.write("started\\n");
    for (let number = 0; number < Number(process.argv[3]); number += 1) {
      const text = String((number * Number(process.argv[2])) % 150);
      await file.add(new Map([[text, new Float32Array(32).fill(Number(text))]]));
    }`;
  const path = join(directory, "vectors");
  const children = ([7, 11, 13] as const).map((factor, number) => {
    const args = [path, String(factor), number === 0 ? "Infinity" : "120"];
    return spawn(process.execPath, ["--import", sourceLoader, "--input-type=module", "-e", script, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  });
  // It writes until it is killed.
  const victim = children[0];
  victim?.stdout.once("data", () => setTimeout(() => victim.kill("SIGKILL"), 30));
  const codes = await Promise.all(children.map(async (child) => ((await once(child, "exit")) as [number | null])[0]));
  assert.deepEqual(codes, [null, 0, 0]);
  const texts = Array.from({ length: 150 }, (_, number) => String(number));
  const found = await openCacheFile(path).find(texts);
  assert.ok(found.size >= 120, `${found.size} found`);
  for (const [text, vector] of found) assert.deepEqual(vector, new Float32Array(32).fill(Number(text)), text);
});
