import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isFresh } from "../../build/sources.js";
import { readApart } from "../../src/documents/read-apart.js";
import { readDocument } from "../../src/documents/read-document.js";
import { makeDocx } from "../support/documents/documents.js";
import { long, repository, temporaryFolder, writeAi } from "../support/program.js";
import { reply, startFakeOpenAi } from "../support/services/fake-open-ai.js";
import { copyOfRepository, runNode } from "./copy.js";

/** The build that the tests run with: it need not be made for each copy, unless somebody has changed a source meanwhile. */
async function takeBuild(copy: string): Promise<void> {
  cpSync(join(repository, "dist"), join(copy, "dist"), { recursive: true });
  if (!isFresh(copy)) await runNode([join(copy, "build", "build.js")]);
}

/** Resolves when an entry of a folder changes, or with `ended`. */
async function untilChanged(folders: readonly string[], ended: Promise<unknown>): Promise<void> {
  const watching = new AbortController();
  const watchers = folders.map((folder) => watch(folder, { signal: watching.signal }));
  await Promise.race([ended, ...watchers.map((watcher) => once(watcher, "change"))]);
  watching.abort();
}

test("the package has no script that npm asks its user about, also where it comes from a tarball", () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  // The build of a checkout hangs on postprepare, which npm runs there alone.
  assert.deepEqual(
    ["preinstall", "install", "postinstall", "prepare"].filter((name) => name in scripts),
    [],
  );
  assert.ok("postprepare" in scripts);
  // .ci/run packs by the two halves of this, of which npm install has carried out the first.
  assert.deepEqual(
    [scripts["prepack"], scripts["build"]],
    ["npm run build", "node build/build.js && node build/declarations.js"],
  );
});

test("a build is fresh until a source, the build or a package changes, and again once that is taken back", async (t) => {
  const copy = await copyOfRepository(t);
  assert.equal(isFresh(copy), false, "nothing is built yet");
  await takeBuild(copy);
  assert.equal(isFresh(copy), true);
  for (const file of ["src/errors.ts", "build/build.js", "package.json"]) {
    const path = join(copy, file);
    const text = readFileSync(path);
    appendFileSync(path, "\n");
    assert.equal(isFresh(copy), false, file);
    writeFileSync(path, text);
    assert.equal(isFresh(copy), true, file);
  }

  await t.test("what a first run has compiled is taken by the next, also where Node may not optimise", async () => {
    const kept = () => readdirSync(join(copy, "dist")).filter((name) => name.endsWith(".cache"));
    const launcher = join(copy, "bin", "autogpt.js");
    for (const name of kept()) rmSync(join(copy, "dist", name));
    assert.equal((await runNode([launcher, "-c"])).code, 2, "there is no key");
    const [name = "none"] = kept();
    const first = statSync(join(copy, "dist", name));
    assert.equal((await runNode([launcher, "-c"])).code, 2);
    assert.deepEqual(kept(), [name]);
    assert.equal(statSync(join(copy, "dist", name)).ino, first.ino, "one that does not fit would be replaced");
    assert.equal((await runNode(["--jitless", launcher, "-c"], copy)).code, 2);
  });

  await t.test("what a run without a step has compiled gives way to that of one with a step, once", async () => {
    const kept = () => readdirSync(join(copy, "dist")).filter((name) => /^cli-.*\.cache$/.test(name));
    const isPart = (name: string) => name.endsWith("-part.cache");
    const launcher = join(copy, "bin", "autogpt.js");
    for (const name of kept()) rmSync(join(copy, "dist", name));
    assert.equal((await runNode([launcher, "-c"])).code, 2, "there is no key");
    assert.deepEqual(kept().map(isPart), [true]);
    const server = await startFakeOpenAi({ chat: [reply("do_nothing"), reply("task_complete", { reason: "done" })] });
    t.after(() => server.close());
    const folder = await temporaryFolder(t);
    await writeAi(folder);
    writeFileSync(join(folder, ".env"), `OPENAI_API_BASE_URL=${server.url}\n`);
    const run = [launcher, "--ai-settings", "ai_settings.yaml", "-c", "-m", "no_memory"];
    assert.equal((await runNode(run, folder)).code, 0);
    const whole = kept().filter((name) => !isPart(name));
    assert.equal(whole.length, 1);
    const { ino } = statSync(join(copy, "dist", whole[0] ?? ""));
    assert.equal((await runNode([launcher, "-c"])).code, 2);
    assert.equal(statSync(join(copy, "dist", whole[0] ?? "")).ino, ino);
    assert.equal(kept().length, 2);
  });

  await t.test(
    "so is what the reader of the first page has compiled, and a document's package is found by it",
    async () => {
      const kept = () => readdirSync(join(copy, "dist")).filter((name) => /^document-reader.*\.cache$/.test(name));
      for (const name of kept()) rmSync(join(copy, "dist", name));
      const options = { environment: {}, readerFile: join(copy, "dist", "document-reader.cjs") };
      const page = Buffer.from("<title>T</title><p>A page.</p>");
      const order = { kind: "page", bytes: page, url: "http://example.org/", charset: null } as const;
      const first = await readApart(order, options, t.signal);
      const [name = "none", ...others] = kept();
      assert.deepEqual(others, []);
      const { ino } = statSync(join(copy, "dist", name));
      assert.deepEqual(await readApart(order, options, t.signal), first);
      assert.deepEqual(kept(), [name]);
      assert.equal(statSync(join(copy, "dist", name)).ino, ino);
      assert.match(
        await readDocument("a.docx", makeDocx("words of it"), { ...options, signal: t.signal }),
        /words of it/,
      );
    },
  );

  await t.test("whoever starts the program while it is built again gets the old build or the new one", async () => {
    const made = () => readdirSync(join(copy, "dist")).filter((name) => !name.endsWith(".cache"));
    const before = made().sort();
    writeFileSync(join(copy, "dist", "left-over.cjs"), "");
    appendFileSync(join(copy, "src", "cli.ts"), "\n");

    let building = true;
    const built = runNode([join(copy, "build", "build.js")]).finally(() => (building = false));
    const starts = [];
    while (building) {
      starts.push(await runNode([join(copy, "bin", "autogpt.js"), "--help"]));
      // While a build only reads, one start says as much as twenty.
      if (!long) await untilChanged([copy, join(copy, "dist")], built);
    }
    assert.equal((await built).code, 0);
    assert.equal(isFresh(copy), true);
    t.diagnostic(`${starts.length} starts meanwhile`);
    assert.ok(starts.length > 0);
    assert.deepEqual(
      starts.filter(({ code }) => code !== 0),
      [],
    );
    assert.deepEqual(made().sort(), before, "what no build makes any more is removed");
    assert.deepEqual(
      readdirSync(copy).filter((name) => name.startsWith(".dist")),
      [],
    );
  });
});

test("a patched file that moved, or that has nothing left to patch, fails the build and leaves dist/ alone", async (t) => {
  const copy = await copyOfRepository(t, ["openai"]);
  await takeBuild(copy);
  const bundle = readFileSync(join(copy, "dist", "cli.cjs"));
  const file = join(copy, "node_modules", "openai", "internal", "headers.mjs");
  writeFileSync(file, readFileSync(file, "utf8").replace(/(new|instanceof) Headers/g, "$1 Map"));
  const { code, output } = await runNode([join(copy, "build", "build.js")]);
  assert.equal(code, 1);
  assert.match(
    output,
    /openai\/internal\/headers\.mjs is to be patched, but was not found, or the patch changes nothing/,
  );
  assert.deepEqual(readFileSync(join(copy, "dist", "cli.cjs")), bundle);
});
