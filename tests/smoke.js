// The demo and the version, run by another Node binary: `node tests/smoke.js PATH_OF_NODE`.
import { spawnSync } from "node:child_process";
import { strict as assert } from "node:assert";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [node = process.execPath] = process.argv.slice(2);
const bin = join(dirname(fileURLToPath(import.meta.url)), "..", "bin", "autogpt.js");
const run = (/** @type {string[]} */ ...args) => spawnSync(node, args, { encoding: "utf8" });

const { stdout: version } = run("--version");
assert.match(run(bin, "--version").stdout, /^\d+\.\d+\.\d+\n$/);
const demo = run(bin, "demo", "--output-format", "json");
assert.equal(demo.status, 0, demo.stderr);
assert.equal(demo.stderr.includes("Warning"), false, demo.stderr);
const end = JSON.parse(demo.stdout);
assert.equal(end.reason, "task-complete");
assert.deepEqual(
  end.goals.map((/** @type {{ verdict: string }} */ { verdict }) => verdict),
  ["claimed", "proven"],
);
console.log(`smoke test on Node ${version.trim()}: passed`);
