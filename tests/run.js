// Runs every test file against a fresh build; `--long` runs the full counts of kill, fuzz and fault tests.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [long, names] = [process.argv.includes("--long"), process.argv.slice(2).filter((word) => word !== "--long")];

const built = spawnSync(process.execPath, [join(root, "build", "build.js")], { stdio: "inherit" });
if (built.status !== 0) process.exit(1);

const files = readdirSync(join(root, "tests"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts") && (names.length === 0 || names.some((name) => file.includes(name))))
  .map((file) => relative(root, join(root, "tests", file)))
  .sort();

// Compiled once: tsx in each of the processes would take a tenth of the whole time.
const compiled = mkdtempSync(join(tmpdir(), "autogpt-compiled-"));
process.on("exit", () => rmSync(compiled, { recursive: true, force: true }));
const sources = ["src", "tests"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(root, folder, file)),
);
await build({
  entryPoints: sources,
  outdir: compiled,
  outbase: root,
  format: "esm",
  target: "node20.18",
  sourcemap: "inline",
});

const limitMs = long ? 3_600_000 : 240_000;
const hooks = pathToFileURL(join(root, "tests", "support", "use-compiled.js")).href;
const tested = spawn(
  process.execPath,
  [
    "--enable-source-maps",
    "--import",
    hooks,
    "--test",
    "--test-concurrency=4",
    `--test-timeout=${limitMs}`,
    "--test-reporter=spec",
    ...files,
  ],
  {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, AUTOGPT_COMPILED_TESTS: compiled, ...(long ? { AUTOGPT_TEST_LONG: "1" } : {}) },
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
