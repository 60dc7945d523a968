#!/usr/bin/env node
"use strict";
// Until an end is known: whatever lets the process end before that, it has not succeeded.
process.exitCode = 1;
const { closeSync, fstatSync, openSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const dist = join(__dirname, "..", "dist");

if (process.argv.length === 3 && process.argv[2] === "--version") {
  const { version } = JSON.parse(readFileSync(join(__dirname, "..", "package.json"), "utf8"));
  process.stdout.write(`${version}\n`);
  process.exitCode = 0;
} else {
  start(join(dist, "cli.cjs"));
}

/**
 * Runs the bundle, compiled from what V8 kept of an earlier run where that fits this Node and this build.
 * @param {string} file
 */
function start(file) {
  const { Script } = require("node:vm");
  const v8 = require("node:v8");
  // On a machine with much memory the heap may grow to several times what is in use before it is cleaned up.
  // It is set before the cache is read, which holds only for the same flags.
  v8.setFlagsFromString("--heap-growing-percent=50");
  const { code, mtimeMs, size } = readOpened(file);
  const cache = join(dist, `cli-${v8.cachedDataVersionTag().toString(36)}-${mtimeMs.toString(36)}-${size}.cache`);
  const cachedData = readOrNothing(cache);
  const script = new Script(code, { filename: file, cachedData });
  if ((cachedData === undefined || script.cachedDataRejected) && isRun(process.argv[2])) keepOnce(cache, script);
  const bundle = { exports: {} };
  script
    .runInThisContext()
    .call(bundle.exports, bundle.exports, require, bundle, file, dist, (/** @type {string} */ name) => import(name));
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
 * What a start needs is compiled soon after it, if the process lives that long; what comes later would only be ballast.
 * @param {string} cache @param {import("node:vm").Script} script
 */
function keepOnce(cache, script) {
  let kept = false;
  const once = () => {
    if (!kept) keep(cache, script);
    kept = true;
  };
  setTimeout(once, 1000).unref();
  process.on("exit", once);
}

/** A folder that may not be written costs the speed, nothing else. @param {string} cache @param {import("node:vm").Script} script */
function keep(cache, script) {
  const temporary = `${cache}.${process.pid}`;
  try {
    writeFileSync(temporary, script.createCachedData(), { flag: "wx" });
    renameSync(temporary, cache);
  } catch {
    // The next start compiles again.
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
