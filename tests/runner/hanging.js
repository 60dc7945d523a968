import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Where the processes of test files say which test they run, below the folder of what is compiled. */
const notesFolder = "running";

/**
 * The address of the module that notes which test runs; makes the folder for its notes. @param {string} compiled
 */
export function noteTests(compiled) {
  const folder = join(compiled, notesFolder);
  mkdirSync(folder, { recursive: true });
  return new URL(`./note-test.js?${new URLSearchParams({ folder })}`, import.meta.url).href;
}

/** A process that does not answer within this part of the time a test may take computes without an end. */
const answerPart = 1 / 20;
/** How often it is looked, in the time that a test may take. */
const looks = 100;

/** @typedef {{ pid: number, titles: string[], since: number }} Note which test runs, inner titles last; since when */

/**
 * Until `signal` ends it: of a test that takes longer than `limitMs`, `say` is told its title, what its process waits for and
 * which processes it has, and all of these are ended, so that the others' results are still told.
 * @param {string} compiled @param {number} limitMs @param {AbortSignal} signal @param {(text: string) => void} say
 */
export async function endHanging(compiled, limitMs, signal, say) {
  const folder = join(compiled, notesFolder);
  while (await delay(limitMs / looks, true, { signal }).catch(() => false)) {
    const late = notesIn(folder).filter((note) => Date.now() - note.since > limitMs);
    if (late.length === 0) continue;
    const ours = processes().filter(({ command }) => command.includes(compiled));
    for (const note of late)
      if (ours.some(({ pid }) => pid === note.pid)) say(await end(note, folder, limitMs));
      // It has ended, by itself or not; its number may be another's by now.
      else rmSync(join(folder, `${note.pid}.json`), { force: true });
  }
}

/** @param {string} folder @returns {Note[]} */
const notesIn = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => readJson(join(folder, name)) ?? []);

/** @param {Note} note @param {string} folder @param {number} limitMs */
async function end({ pid, titles }, folder, limitMs) {
  const report = await reportOf(pid, folder, limitMs * answerPart);
  const children = descendants(pid);
  const what = titles.length === 0 ? "Between two tests, a process" : `The test "${titles.join(" > ")}"`;
  for (const one of [pid, ...children.map((child) => child.pid)]) kill(one, "SIGKILL");
  return [
    `✖ ${what} has taken longer than ${limitMs / 1000} seconds and is ended, with the tests behind it in its process.`,
    ...(report === null ? ["  It computes without a pause."] : report.map((line) => `  It waits for: ${line}`)),
    ...children.map((one) => `  It has the process ${one.pid}: ${one.command.slice(0, 300)}`),
  ].join("\n");
}

/**
 * What is open in the process: sockets with their addresses, files, timers, child processes. Null where it does not answer.
 * @param {number} pid @param {string} folder @param {number} answerMs @returns {Promise<string[] | null>}
 */
async function reportOf(pid, folder, answerMs) {
  kill(pid, "SIGUSR2");
  for (const asked = performance.now(); performance.now() - asked < answerMs;) {
    await delay(answerMs / looks);
    const report = readJson(join(folder, `${pid}.report`));
    /** @type {Record<string, any>[] | undefined} */
    const handles = report?.libuv;
    if (handles) return handles.filter((one) => one.is_active && one.is_referenced).map(described);
  }
  return null;
}

/** @param {Record<string, any>} handle of a report of Node's */
function described({ type, pid, filename, firesInMsFromNow, localEndpoint, remoteEndpoint, fd }) {
  const place = (/** @type {any} */ end) => (end?.host ? `${end.host}:${end.port}` : end?.path);
  const about = {
    ...{ pid, filename, fd, "fires in ms": firesInMsFromNow },
    ...{ local: place(localEndpoint), remote: place(remoteEndpoint) },
  };
  const told = Object.entries(about).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return [type, ...told.map(([name, value]) => `${name} ${value}`)].join(", ");
}

/** All processes of the machine. */
const processes = () =>
  spawnSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8", maxBuffer: 2 ** 26 })
    .stdout.split("\n")
    .flatMap((line) => {
      const [, pid, parent, command = ""] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
    });

/** @param {number} pid */
function descendants(pid) {
  const all = processes();
  const found = all.filter((one) => one.parent === pid);
  for (const one of found) found.push(...all.filter(({ parent }) => parent === one.pid));
  return found;
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Null where the file is not there, or is being written. @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
