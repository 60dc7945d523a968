import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const key = "sk-planted-0123456789";

/** Runs the program with a part of Node broken by this code, so that something fails that nobody foresaw. */
async function runBroken(world: World, code: string, args: readonly string[] = []) {
  const file = join(world.folder, "break.cjs");
  writeFileSync(file, code);
  const env = { OPENAI_API_KEY: key, NODE_OPTIONS: `--require ${JSON.stringify(file)}` };
  return world.run(["-c", ...args], { env });
}

const facts = (run: string) =>
  new RegExp(
    `\\nautogpt \\d+\\.\\d+\\.\\d+, Node v[\\d.]+, \\w+ \\w+${run}\\n` +
      'Run "node \\S+autogpt\\.js doctor" to see .*\\nIf nothing is, please report these lines at https://\\S+/issues\\n$',
  );

test("a fault in a run ends it with exit code 1, its place in the sources, what a report needs, and no secret", async (t) => {
  const world = await scriptedWorld(t, [reply("task_complete")]);
  const { code, stderr } = await runBroken(
    world,
    "Date.prototype.toString = () => { throw new TypeError(`no date for ${process.env.OPENAI_API_KEY}`); };",
  );
  assert.equal(code, 1);
  assert.match(stderr, /A fault of this program: no date for \[secret\]\nTypeError: no date for \[secret\]\n/);
  assert.match(stderr, /\n +at \S.* \(src\/prompt\/context\.ts:\d+:\d+\)\n/);
  assert.match(stderr, facts(", run \\S+"));
  assert.equal(stderr.includes(key), false);
});

test("a fault before there is a run is reported in the same way, and with a json format by a run-end as well", async (t) => {
  const world = await scriptedWorld(t, []);
  const { code, stdout, stderr } = await runBroken(
    world,
    'Date.prototype.getTime = () => { throw new TypeError("no time"); };',
    ["--output-format", "json"],
  );
  assert.equal(code, 1);
  assert.match(stderr, /^A fault of this program: .*\nTypeError/);
  assert.match(stderr, facts(""));
  assert.equal((JSON.parse(stdout) as { reason: string }).reason, "fault");
});

test("what nobody awaited is reported in the same way", async (t) => {
  const world = await scriptedWorld(t, [reply("task_complete")]);
  const { code, stderr } = await runBroken(
    world,
    `const { toString } = Date.prototype;
     Date.prototype.toString = function () {
       setImmediate(() => { throw new RangeError("too far with " + process.env.OPENAI_API_KEY); });
       return toString.call(this);
     };`,
  );
  assert.equal(code, 1);
  assert.match(stderr, /RangeError: too far with \[secret\]\n/);
  assert.match(stderr, facts(", run \\S+"));
  assert.equal(stderr.includes(key), false);
});
