import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { endHanging, noteTests } from "../runner/hanging.js";

async function endingOf(t: TestContext, limitMs: number, body: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "autogpt-hanging-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const entry = join(folder, "tests.mjs");
  await writeFile(
    entry,
    `import { test } from "node:test";
     import { spawn } from "node:child_process";
     import { createServer } from "node:net";
     await import(${JSON.stringify(noteTests(folder))});
     test("a good one", () => {});
     test("the hanging one", async (t) => {
       await t.test("that ends", () => {});
       await t.test("that does not", async () => { ${body} });
     });`,
  );
  const said: string[] = [];
  const ended = new AbortController();
  // "close" comes when its own processes, which have the same output, are gone as well. The environment is empty, since with the
  // variable of this test's runner it would take itself for one of that runner's files.
  const child = spawn(process.execPath, [entry], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { PATH: process.env["PATH"] },
  });
  child.stdout.resume();
  const watching = endHanging(folder, limitMs, ended.signal, (text) => said.push(text));
  const [, signal] = await once(child, "close");
  ended.abort();
  await watching;
  assert.equal(signal, "SIGKILL");
  return said.flatMap((text) => text.split("\n"));
}

test("a test that waits for ever is named and ended, with what it waits for and the processes that it has", async (t) => {
  const body = `
    spawn(process.execPath, ["-e", "setInterval(() => 0, 1e6)"], { stdio: "inherit" });
    await new Promise(() => createServer().listen(0, "127.0.0.1"));`;
  const [first = "", ...rest] = await endingOf(t, 4000, body);
  assert.equal(
    first,
    '✖ The test "the hanging one > that does not" has taken longer than 4 seconds and is ended, with the tests behind it in its process.',
  );
  assert.match(rest.join("\n"), /It waits for: tcp, .*local \S+:\d+/);
  assert.match(rest.join("\n"), /It has the process \d+: .* -e setInterval/);
});

test("of a test that computes for ever that is said", async (t) => {
  const [first, second] = await endingOf(t, 1000, "for (;;);");
  assert.match(first ?? "", /that does not/);
  assert.equal(second, "  It computes without a pause.");
});
