// Runs test files against a fresh build; `npm test -- --help` lists what can be chosen, and CONTRIBUTING.md shows examples.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { isFresh } from "../build/sources.js";
import { compile } from "./runner/compile.js";
import { atOnce, groupFiles, loadingTitle } from "./runner/groups.js";
import { endHanging } from "./runner/hanging.js";
import { readArguments, selectFiles } from "./runner/select.js";
import { temporaryPlace } from "./runner/temporary-place.js";
import { changes } from "./runner/watch.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** A test that takes longer hangs; a process of many test files may take longer than one test. */
const [longestMs, longestLongMs] = [180_000, 3_600_000];

try {
  const chosen = readArguments(process.argv.slice(2));
  if (chosen.help) console.log(chosen.help);
  else if (chosen.watch) await runForever(chosen);
  else process.exitCode = await runOnce(chosen);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** @typedef {import("./runner/select.js").Chosen} Chosen */

/** @param {Chosen} chosen */
async function runForever(chosen) {
  const changed = changes(["src", "tests", "build", "docs"].map((folder) => join(root, folder)));
  for (;;) {
    await runOnce(chosen).catch((error) => console.error(error.message));
    console.log("Waiting for a change; Ctrl-C ends.");
    console.log(`\n${(await changed()).slice(root.length + 1)} changed.`);
  }
}

/** Builds where that is due, runs the chosen files, and resolves to the exit code. @param {Chosen} chosen */
async function runOnce(chosen) {
  const files = selectFiles(root, chosen);
  if (!isFresh(root)) {
    const built = spawnSync(process.execPath, [join(root, "build", "build.js")], { stdio: "inherit" });
    if (built.signal !== null) throw new Error(`The build was ended by ${built.signal}: no test has run.`);
    if (built.status !== 0) return 1;
  }
  const folder = mkdtempSync(join(temporaryPlace(), "autogpt-tests-"));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once("exit", remove);
  try {
    await compile(root, files, join(folder, "compiled"));
    return verdict(await runFiles(files, chosen, folder), chosen);
  } finally {
    process.off("exit", remove);
    remove();
  }
}

/**
 * The exit status of Node's runner, and how many tests there were, ran and were skipped.
 * @param {string[]} files @param {Chosen} chosen @param {string} folder of its own, for what the tests write as well
 */
async function runFiles(files, { long, names }, folder) {
  const compiled = join(folder, "compiled");
  const temporary = join(folder, "t");
  mkdirSync(temporary);
  const hooks = pathToFileURL(join(root, "tests", "runner", "use-compiled.js"));
  // In the address, so that processes that are started with the same flags and another environment find it as well.
  hooks.searchParams.set("compiled", compiled);
  // Each Node would read all the certificates of the machine at its start, for servers that no test asks.
  /** @type {NodeJS.ProcessEnv} */
  const environment = { ...process.env, TMPDIR: temporary, ...(long ? { AUTOGPT_TEST_LONG: "1" } : {}) };
  delete environment.NODE_EXTRA_CA_CERTS;
  const tested = spawn(
    process.execPath,
    [
      "--enable-source-maps",
      "--import",
      hooks.href,
      "--test",
      `--test-concurrency=${atOnce}`,
      `--test-timeout=${4 * longestLongMs}`,
      "--test-reporter=spec",
      ...(names.length > 0 ? [...names, `^${loadingTitle}$`] : []).map((name) => `--test-name-pattern=${name}`),
      ...groupFiles(root, files, compiled),
    ],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      env: environment,
    },
  );
  let report = "";
  let untouched = 0;
  createInterface({ input: tested.stdout }).on("line", (line) => {
    const plain = stripVTControlCharacters(line);
    // What a pattern leaves out: Node 20 lists the tests as skipped, later ones their file as a test that passed.
    if (plain.includes("# test name does not match pattern")) return;
    if (names.length > 0 && /^✔ \S+\/group-\d+\.mjs \(/.test(plain)) return void untouched++;
    process.stdout.write(`${line}\n`);
    report += `${plain}\n`;
  });
  const ended = new AbortController();
  const watching = endHanging(compiled, long ? longestLongMs : longestMs, ended.signal, (text) => console.error(text));
  const [status, signal] = await once(tested, "close");
  ended.abort();
  await watching;
  if (signal !== null) console.error(`The tests were ended by ${signal}, before all of them had run.`);
  const count = (/** @type {string} */ what) => Number(new RegExp(`^ℹ ${what} (\\d+)$`, "m").exec(report)?.[1] ?? 0);
  return { status, skipped: count("skipped"), ran: count("pass") + count("fail") - untouched, all: count("tests") };
}

/**
 * A run in which nothing ran has failed, and in CI one that skipped something.
 * @param {Awaited<ReturnType<typeof runFiles>>} counts @param {Chosen} chosen
 */
function verdict({ status, skipped, ran, all }, { names }) {
  if (names.length > 0) {
    if (ran === 0) console.error(`No test has a title that fits ${names.map((name) => `"${name}"`).join(" or ")}.`);
    return status === 0 && ran > 0 ? 0 : 1;
  }
  if (skipped > 0) console.log(`${skipped} tests were skipped; each says above what it needs.`);
  if (skipped > 0 && process.env.CI) console.log("In CI nothing may be skipped: this run has failed.");
  return status !== 0 || all === 0 || (skipped > 0 && process.env.CI) ? 1 : 0;
}
