#!/usr/bin/env node
"use strict";
// Until an end is known: whatever lets the process end before that, it has not succeeded.
process.exitCode = 1;
const { closeSync, fstatSync, openSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const dist = join(__dirname, "..", "dist");

// Whoever starts Node without its optimiser keeps it so: where code may not be made at all, turning it on would end the process.
const isOptimised = !/--(jitless|no-?(opt|turbofan))\b/.test(
  `${process.execArgv.join(" ")} ${process.env.NODE_OPTIONS}`,
);

/**
 * With these the compiled code is kept, and a start passes:
 * - On a machine with much memory the heap may grow to several times what is in use before it is cleaned up.
 * - The room for what is new grows by more at a time: a start makes more than the smallest room holds, and needs it all.
 * - To mark the whole heap would take longer than all of its collections together, and a short run ends before that is of any use.
 * - What is searched for once is not worth a second look at how.
 * - Optimising what a start calls often takes more time than it saves by then: see src/base/process/hot-code.ts.
 */
const flagsOfStart = [
  "--heap-growing-percent=50",
  "--semi-space-growth-factor=4",
  "--no-regexp-peephole-optimization",
  "--no-incremental-marking",
  ...(isOptimised ? ["--no-opt"] : []),
];

/**
 * The young generation of a run of many steps stays small: it fills whatever it may have, so that with more its peak is higher by several
 * times the difference, and collections are no cheaper. Loading the program makes it 4 MB. So little is collected by one thread in less
 * time than several take to share it.
 */
const sizeOfSteps = "--semi-space-growth-factor=1";
const memoryOfSteps = [sizeOfSteps, "--incremental-marking", "--no-parallel-scavenge"];

/** With so many steps behind it a run is one that may go on for days: what its heap has room for but does not use is given back, for 5 % of computing. */
const stepsOfLongRun = 1_000;
const givesBack = /^1[12]\./.test(process.versions.v8);

/**
 * For a run that goes on. Node 20 optimises a function once it has run 66 KB of bytecode, which makes more work than it saves in a
 * run of 1,000 steps; in later versions it is no matter.
 */
const flagsOfSteps = [
  "--regexp-peephole-optimization",
  ...(process.versions.v8.startsWith("11.") ? ["--interrupt-budget=528000"] : []),
  ...(isOptimised ? ["--opt"] : []),
];

/**
 * What V8 has in their place. Node's own modules bring compiled code along, which V8 takes under no other flags than these, and
 * compiling them takes two to five times as long.
 */
const flagsOfNode = [
  "--heap-growing-percent=0",
  "--semi-space-growth-factor=2",
  ...(givesBack ? ["--no-optimize-for-size"] : []),
  "--regexp-peephole-optimization",
  "--incremental-marking",
  "--parallel-scavenge",
  ...(process.versions.v8.startsWith("11.") ? ["--interrupt-budget=67584"] : []),
  ...(isOptimised ? ["--opt"] : []),
  // There it is turned off by --no-opt, and --opt does not turn it on.
  ...(isOptimised && process.versions.v8.startsWith("12.4.") ? ["--osr-from-maglev"] : []),
];

/** The flags that were set, in their order. @type {readonly string[]} */
let flags = [];

/** What the bundle has required, by its name. @type {Map<string, unknown>} */
const required = new Map();

/** The run says itself when its start is over; a start that takes this long has something to compute. */
const longestStartMs = 8000;

if (process.argv.length === 3 && process.argv[2] === "--version") {
  const { version } = JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8"));
  process.stdout.write(`${version}\n`);
  process.exitCode = 0;
} else {
  endAtOnce();
  start(join(dist, "cli.cjs"));
}

/**
 * Where nothing is left to do and all who listen for the end have heard of it, the process ends as by `process.exit()`: Node would
 * take its heap apart first, piece by piece, to give to the system what the system takes anyway.
 */
function endAtOnce() {
  const end = () => process.exit();
  // Whoever listens later than this is heard as well, as they were told before it: it is always the last one.
  process.on("beforeExit", () => process.off("exit", end).on("exit", end));
}

/** From now on V8 optimises what is called often, as it does by itself. src/base/process/hot-code.ts calls it, too. */
function optimise() {
  hold(flagsOfSteps);
}

/** @param {readonly string[]} given */
function hold(given) {
  flags = [...flags, ...given];
  setFlags(given);
}

/** @param {readonly string[]} given */
function setFlags(given) {
  const { setFlagsFromString } = require("node:v8");
  for (const flag of given) setFlagsFromString(flag);
}

/** `require` for the bundle: what was not loaded yet is loaded under the flags of Node. @param {string} name */
function requireAsNode(name) {
  if (!required.has(name)) {
    setFlags(flagsOfNode);
    try {
      required.set(name, require(name));
    } finally {
      setFlags(flags);
    }
  }
  return required.get(name);
}

/** A new run asks its model soon; whatever else there is may compute from the beginning. @param {readonly string[]} words */
function startsShortly(words) {
  return isRun(words[0]) && !words.some((word) => word.startsWith("--resume"));
}

/**
 * Runs the bundle, compiled from what V8 kept of an earlier run where that fits this Node and this build.
 * @param {string} file
 */
function start(file) {
  const { Script } = require("node:vm");
  const v8 = require("node:v8");
  // They are set before the cache is read, which holds only for the same flags.
  hold(flagsOfStart);
  const { code, mtimeMs, size } = readOpened(file);
  const name = `cli-${v8.cachedDataVersionTag().toString(36)}-${mtimeMs.toString(36)}-${size}`;
  const [whole, part] = [join(dist, `${name}.cache`), join(dist, `${name}-part.cache`)];
  const keptWhole = readOrNothing(whole);
  const cachedData = keptWhole ?? readOrNothing(part);
  const script = new Script(code, { filename: file, cachedData });
  const isShort = startsShortly(process.argv.slice(2));
  if (isShort) setTimeout(optimise, longestStartMs).unref();
  else optimise();
  const fits = cachedData !== undefined && !script.cachedDataRejected;
  const keeps = !(fits && keptWhole) && isRun(process.argv[2]);
  const endsStep = keeps ? keepOnce({ whole, part: fits ? null : part }, script) : () => undefined;
  let steps = 0;
  // src/base/process/hot-code.ts calls these.
  Object.assign(globalThis, {
    [Symbol.for("autogpt.optimise")]: optimise,
    [Symbol.for("autogpt.stepped")]: (/** @type {boolean} */ goesOn) => {
      endsStep(goesOn);
      if (goesOn && !flags.includes("--incremental-marking")) hold(memoryOfSteps);
      if (givesBack && !goesOn && ++steps === stepsOfLongRun) hold(["--optimize-for-size"]);
    },
  });
  const bundle = { exports: {} };
  script
    .runInThisContext()
    .call(
      bundle.exports,
      bundle.exports,
      requireAsNode,
      bundle,
      file,
      dist,
      (/** @type {string} */ name) => import(name),
    );
  hold(isShort ? [sizeOfSteps] : memoryOfSteps);
}

/** The bundle with its own time and size, also where a build replaces it at this moment. @param {string} file */
function readOpened(file) {
  const opened = openSync(file, "r");
  try {
    const { mtimeMs, size } = fstatSync(opened);
    return { code: readFileSync(opened, "latin1"), mtimeMs, size };
  } finally {
    closeSync(opened);
  }
}

/** The cache holds what was compiled by then, so that only a whole run makes a good one. @param {string | undefined} argument */
function isRun(argument) {
  return argument === undefined || /^-(?!h$|-help$)/.test(argument);
}

/**
 * Keeps what was compiled when the second step begins, or by the end of a shorter run: what comes later would only be ballast. Of a
 * process that never came to the end of a step only a part is kept, until one does.
 * @param {{ whole: string, part: string | null }} caches @param {import("node:vm").Script} script
 */
function keepOnce({ whole, part }, script) {
  let [hasStepped, kept] = [false, false];
  const once = () => {
    const cache = hasStepped ? whole : part;
    if (!kept && cache !== null) keep(cache, script);
    kept = true;
  };
  process.on("exit", once);
  return (/** @type {boolean} */ goesOn) => {
    hasStepped = true;
    if (goesOn) once();
  };
}

/** A folder that may not be written costs the speed, nothing else. @param {string} cache @param {import("node:vm").Script} script */
function keep(cache, script) {
  const temporary = `${cache}.${process.pid}`;
  try {
    // Those of later that have no other value in a start go first.
    setFlags([...flagsOfNode, ...flagsOfStart]);
    writeFileSync(temporary, script.createCachedData(), { flag: "wx" });
    renameSync(temporary, cache);
  } catch {
    // The next start compiles again.
  } finally {
    setFlags(flags);
    optimise();
  }
}

/** @param {string} file */
function readOrNothing(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
