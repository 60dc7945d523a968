import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "../../../src/sandbox/process/ask-program.js";
import { processesWith } from "../../support/processes.js";

test("what a program says is known when it has ended, and whether it succeeded", async () => {
  assert.deepEqual(await ask("/bin/sh", ["-c", "echo one; echo two >&2; exit 0"], {}), { ok: true, text: "one\ntwo" });
  assert.deepEqual(await ask("/bin/sh", ["-c", "echo no; exit 3"], {}), { ok: false, text: "no" });
  const missing = await ask("/no/such/program", [], {});
  assert.equal(missing.ok, false);
  assert.match(missing.text, /ENOENT/);
});

test("a program that does not answer, or leaves its output to another one, is not waited for", async () => {
  for (const line of ["trap '' TERM; while :; do sleep 0.1; done # 4711", "sleep 3 &"]) {
    const { ok, text } = await ask("/bin/sh", ["-c", line], { PATH: process.env["PATH"] ?? "" }, 200);
    assert.deepEqual([ok, text], [false, "it did not answer within 0.2 seconds"]);
  }
  assert.deepEqual(processesWith("# 4711"), []);
});
