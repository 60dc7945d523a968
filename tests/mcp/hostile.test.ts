import assert from "node:assert/strict";
import { test } from "node:test";
import { isRunning } from "../../src/base/process/is-running.js";
import { startOfProcess } from "../../src/storage/lock.js";
import { inContinuous, worldWith } from "../end-to-end/mcp/mcp-world.js";
import { newestResult } from "../end-to-end/support/scripted-world.js";
import { reply } from "../support/services/fake-open-ai.js";
import { long } from "../support/program.js";
import { hostile, program, textOf } from "./hostile-world.js";

for (const moment of ["initialize", "notifications/initialized", "tools/list"])
  test(`a server that dies at ${moment} is said to have ended, and is started anew with the next use`, async (t) => {
    const { connection, call } = await hostile(t, `dies at ${moment}`, { once: true });
    await assert.rejects(connection.tools(), (thrown: Error) => thrown.message.length > 10);
    assert.equal((await connection.tools()).tools.length, 1);
    assert.equal(textOf(await call()), "done");
  });

test("death before, in and behind an answer: nothing runs twice, and what may have happened is called unknown", async (t) => {
  const before = await hostile(t, "dies at tools/call", { once: true });
  assert.equal((await before.call()).kind, "unknown");
  assert.equal(textOf(await before.call()), "done");
  assert.equal(await before.calls(), 1);

  const within = await hostile(t, "half", { once: true });
  assert.equal((await within.call()).kind, "unknown");
  assert.equal(textOf(await within.call()), "done");
  assert.equal(await within.calls(), 2);

  const behind = await hostile(t, "dies behind its answer");
  assert.equal(textOf(await behind.call()), "done");
  assert.ok(["answered", "not-done", "unknown"].includes((await behind.call()).kind));
  assert.ok((await behind.calls()) <= 2);
});

test("a server that does not answer is waited for no longer than may be, at its start and in a call", async (t) => {
  await assert.rejects((await hostile(t, "hangs at initialize", { startMs: 300 })).connection.tools(), /bad/);
  const { call } = await hostile(t, "hangs at tools/call", { timeoutMs: 200 });
  const outcome = await call();
  assert.deepEqual(
    [outcome.kind, "problem" in outcome && /did not answer within 0.2 seconds/.test(outcome.problem)],
    ["unknown", true],
  );
});

test("garbage, answers to nobody, answers twice and requests that are not offered change nothing", async (t) => {
  const { call } = await hostile(t, "garbage");
  assert.equal(textOf(await call()), "done");
  assert.equal(textOf(await call()), "done");
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test("an answer of 50 MB takes seconds of computing; one above the bound ends the connection, and nothing else", async (t) => {
  const large = await hostile(t, "large", { env: { SIZE: String(50 << 20) } });
  const began = process.cpuUsage();
  assert.equal(textOf(await large.call()).length, 50 << 20);
  // It took most of a minute where each piece was copied with all before it.
  const { user, system } = process.cpuUsage(began);
  assert.ok(user + system < 20_000_000, `${user + system} µs`);
  const larger = await hostile(t, "large", { env: { SIZE: String(70 << 20) } });
  const outcome = await larger.call();
  assert.equal(outcome.kind, "unknown");
});

/** What a connection takes at once the test above shows. */
const megabytes = long ? 50 : 5;

test(`${megabytes} MB of a tool's are a result like any other for a run: shortened for the model, and the next step follows`, async (t) => {
  const large = { command: process.execPath, args: [program], env: { MODE: "large", SIZE: String(megabytes << 20) } };
  const more = 'approve:\n  "*": always\n';
  const world = await worldWith(t, [reply("bad.call", {})], { servers: { bad: large }, more });
  const { code, stderr } = await world.run(inContinuous);
  assert.equal(code, 0, stderr);
  const result = newestResult(world.messages(1));
  assert.ok(result.length > 100 && result.length < 200_000, String(result.length));
});

// The official client waits four seconds for such a server.
if (long && process.platform === "linux")
  test("a server that stays, and stands behind a shell, ends with the connection", async (t) => {
    const { connection } = await hostile(t, "stays", { behindShell: true });
    const pid = Number(textOf(await connection.call("call", {}, new AbortController().signal)));
    assert.notEqual(startOfProcess(pid), null);
    await connection.close();
    // A process that was killed may be on its list for a moment.
    while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
  });
