import { closeSync, fstatSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { Script } from "node:vm";

const keeping = Symbol.for("autogpt.keepCode");

/** How a script of the bundle that is one function is called: see build/build.js. */
type Main = (
  exports: object,
  require: NodeJS.Require,
  module: object,
  file: string,
  folder: string,
  importPackage: (name: string) => Promise<unknown>,
) => void;

/**
 * Runs a script of the bundle, compiled from what V8 kept of an earlier process where that fits this Node, its flags and this build.
 * bin/autogpt.js does the same for the program itself, which has to start before anything of the bundle is read.
 */
export function runKept(file: string): void {
  const { code, mtimeMs, size } = readOpened(file);
  const tag = cachedDataVersionTag();
  const cache = join(
    dirname(file),
    `${basename(file, ".cjs")}-${[tag, mtimeMs, size].map((part) => part.toString(36)).join("-")}.cache`,
  );
  const cachedData = readOrNothing(cache);
  const script = new Script(code, { filename: file, cachedData });
  if (cachedData === undefined || script.cachedDataRejected === true)
    Object.assign(globalThis, { [keeping]: () => keep(cache, script) });
  const module = { exports: {} };
  const importPackage = (name: string): Promise<unknown> => import(name);
  (script.runInThisContext() as Main)(module.exports, createRequire(file), module, file, dirname(file), importPackage);
}

/** Keeps what was compiled by now, where this process runs by `runKept` and there is none yet. */
export function keepCode(): void {
  (globalThis as { [key: symbol]: (() => void) | undefined })[keeping]?.();
}

function keep(cache: string, script: Script): void {
  const temporary = `${cache}.${process.pid}`;
  try {
    writeFileSync(temporary, script.createCachedData(), { flag: "wx" });
    renameSync(temporary, cache);
  } catch {
    // A folder that may not be written costs the speed, nothing else.
  }
}

/** The script with its own time and size, also where a build replaces it at this moment. */
function readOpened(file: string): { code: string; mtimeMs: number; size: number } {
  const opened = openSync(file, "r");
  try {
    const { mtimeMs, size } = fstatSync(opened);
    return { code: readFileSync(opened, "latin1"), mtimeMs, size };
  } finally {
    closeSync(opened);
  }
}

function readOrNothing(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
