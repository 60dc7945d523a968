// Runs every test file against a fresh build; `--long` runs the full counts of kill, fuzz and fault tests.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [long, names] = [process.argv.includes("--long"), process.argv.slice(2).filter((word) => word !== "--long")];

const built = spawnSync(process.execPath, [join(root, "build", "build.js")], { stdio: "inherit" });
if (built.status !== 0) process.exit(1);

const files = readdirSync(join(root, "tests"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts") && (names.length === 0 || names.some((name) => file.includes(name))))
  .map((file) => relative(root, join(root, "tests", file)))
  .sort();

const limitMs = long ? 3_600_000 : 240_000;
const tested = spawn(
  process.execPath,
  ["--import", "tsx", "--test", "--test-concurrency=2", `--test-timeout=${limitMs}`, "--test-reporter=spec", ...files],
  {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...(long ? { AUTOGPT_TEST_LONG: "1" } : {}) },
  },
);
let report = "";
tested.stdout.setEncoding("utf8").on("data", (text) => {
  process.stdout.write(text);
  report += stripVTControlCharacters(text);
});
const [status] = await once(tested, "close");

const skipped = Number(/^ℹ skipped (\d+)$/m.exec(report)?.[1] ?? 0);
const ran = Number(/^ℹ tests (\d+)$/m.exec(report)?.[1] ?? 0);
if (skipped > 0) console.log(`${skipped} tests were skipped; each says above what it needs.`);
if (skipped > 0 && process.env.CI) console.log("In CI nothing may be skipped: this run has failed.");
process.exitCode = status !== 0 || ran === 0 || (skipped > 0 && process.env.CI) ? 1 : 0;
