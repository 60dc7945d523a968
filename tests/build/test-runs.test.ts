import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { repository } from "../support/program.js";
import { readArguments, selectFiles } from "../runner/select.js";
import { copyOfRepository, runNode } from "./copy.js";

const run = (...args: string[]) => runNode([join(repository, "tests", "run.js"), ...args], repository);

test("a part of a path that fits no test file is said, and fails", async () => {
  const { code, output } = await run("architecture", "nosuchname");
  assert.equal(code, 1);
  assert.equal(output, 'No test file has a path that contains "nosuchname".\n');
});

test("a pattern that fits no title is said, and fails; one that fits runs those tests alone", async () => {
  const none = await run("base/escape", "--name", "nosuchtitle");
  assert.equal(none.code, 1);
  assert.match(none.output, /No test has a title that fits "nosuchtitle"\.\n$/);
  const one = await run("build/test-runs", "--test-name-pattern=unknown option");
  assert.equal(one.code, 0, one.output);
  assert.deepEqual(one.output.match(/^✔ .*(?= \()/gm), ["✔ an unknown option is said with the usage"]);
});

test("a build that is killed is said, and fails", async (t) => {
  const copy = await copyOfRepository(t);
  for (const part of ["run.js", "runner", "base"])
    cpSync(join(repository, "tests", part), join(copy, "tests", part), { recursive: true });
  writeFileSync(join(copy, "build", "build.js"), 'process.kill(process.pid, "SIGKILL");\n');
  const { code, output } = await runNode([join(copy, "tests", "run.js"), "base/escape"], copy);
  assert.equal(code, 1);
  assert.equal(output, "The build was ended by SIGKILL: no test has run.\n");
});

test("an unknown option is said with the usage", () => {
  assert.throws(() => readArguments(["--untit"]), /'--untit'[^]*Usage: npm test/);
});

test("unit tests leave out what starts the program", () => {
  const units = selectFiles(repository, { parts: [], unit: true });
  const all = selectFiles(repository, { parts: ["tests/"], unit: false });
  assert.ok(units.length > 0 && units.length < all.length);
  assert.deepEqual(
    units.filter((file) => file.startsWith("tests/end-to-end/")),
    [],
  );
  assert.throws(() => selectFiles(repository, { parts: ["end-to-end/run"], unit: true }), /None of these/);
});

test("each test file is run by npm test or by npm run test:package, and by npm run test:long", () => {
  const [usual, ofPackage] = [selectFiles(repository, {}), selectFiles(repository, { package: true })];
  assert.ok(usual.length > 0 && ofPackage.includes("tests/build/test-runs.test.ts"));
  const all = selectFiles(repository, { long: true });
  assert.deepEqual([...usual, ...ofPackage].sort(), all);
  assert.deepEqual(selectFiles(repository, { parts: ["tests/"] }), all);
});
