import assert from "node:assert/strict";
import { test } from "node:test";
import { notesOn } from "../../src/commands/code/shell/notes.js";

const background =
  "\n[What this left in the background has been ended with it; execute_shell_popen starts what is to go on.]";
const state = "\n[Each line starts anew in the workspace: its folder, variables and options do not last.]";
const install = "\n[There is no network here, so no package can be installed.]";

for (const [line, expected] of [
  ["sleep 9 &", background],
  ["python3 -m http.server >log 2>&1 & echo started", background],
  ["nohup ./server", background],
  ["sleep 1 & wait", ""],
  ["ls && echo x", ""],
  ["cd site && ls", state],
  ["export A=1", state],
  ["A=1", state],
  ["A=1 env", ""],
  ["echo 'cd x & pip install y'", ""],
  ["ls >", ""],
] as const) {
  test(`what does not last is said of ${JSON.stringify(line)}: ${expected !== ""}`, async () => {
    assert.equal(await notesOn(line, { ok: true, offline: true }), expected);
  });
}

test("that nothing can be installed is said where it was tried, failed, and there is no network", async () => {
  for (const line of [
    "pip install x",
    "python3 -m pip install x",
    "/usr/bin/apt-get install -y x",
    "npx tsc",
    "ls; npm i",
  ]) {
    assert.equal(await notesOn(line, { ok: false, offline: true }), install, line);
    assert.equal(await notesOn(line, { ok: true, offline: true }), "", line);
    assert.equal(await notesOn(line, { ok: false, offline: false }), "", line);
  }
  for (const line of ["npm test", "pip list", "grep install x"])
    assert.equal(await notesOn(line, { ok: false, offline: true }), "", line);
});
