import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunShell } from "../../../src/goals/check.js";
import { run } from "../../../src/goals/checks/run.js";
import { checkOnce, workspaceWith } from "../../support/once.js";

/** A shell that knows three commands. */
const runShell: RunShell = async (line) => {
  if (line === "true") return { exitCode: 0, output: "", problem: null };
  if (line === "grep build log") return { exitCode: 2, output: "first\ndone\n", problem: null };
  return { exitCode: null, output: "half", problem: "it was still running after 1 seconds and was ended" };
};

test("run passes where the command ends as expected and says what is expected", async (t) => {
  const workspace = await workspaceWith(t, {});
  const check = (value: unknown) => checkOnce(run, value, workspace, runShell);
  assert.deepEqual(await check("true"), { ok: true, found: "run true: exit code 0" });
  assert.deepEqual(await check({ command: "grep build log", exit_code: 2, output: "^done$" }), {
    ok: true,
    found: "run grep build log: exit code 2, and /^done$/ is in its output",
  });
  assert.deepEqual(await check({ command: "grep build log", exit_code: 3 }), {
    ok: false,
    found: 'run grep build log: exit code 2, expected 3; its output: "first\\ndone"',
  });
  assert.deepEqual(await check("sleep 99"), {
    ok: false,
    found: 'run sleep 99: it was still running after 1 seconds and was ended; its output: "half"',
  });
});
