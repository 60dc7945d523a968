// What of Node's files is left to Python: a few functions, which keep to what of the workspace is protected. For the
// child that runs Python; the permission model knows whole folders only.
import fs from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { notPermitted } from "./pyodide-files.mjs";

/** @typedef {{ unseen: string, hidden: string, notHidden: string, readOnly: string, open: string, fixed: string }} Protection regular expressions, flags "ius" */

/** Which of its arguments are paths that are read, or changed. */
const readers = ["lstatSync", "statSync", "readdirSync", "readlinkSync", "statfsSync"];
const changers = ["mkdirSync", "rmdirSync", "unlinkSync", "chmodSync", "utimesSync", "truncateSync"];
const onOpenFiles = [
  "closeSync",
  "readSync",
  "writeSync",
  "fstatSync",
  "fchmodSync",
  "ftruncateSync",
  "futimesSync",
  "fsyncSync",
  "fdatasyncSync",
];

/**
 * Takes every function out of Node's files but those that Emscripten uses, and lets these reach nothing that is hidden,
 * and change nothing that is read-only.
 * @param {string} workspace @param {Protection} protection @param {readonly string[]} places what is protected and there
 * @param {() => never} refuse
 */
export function protectFiles(workspace, protection, places, refuse) {
  const check = checker(workspace, protection);
  /** @type {Record<string, unknown>} */
  const kept = {};
  const real = /** @type {Record<string, (...args: any[]) => unknown>} */ (/** @type {unknown} */ ({ ...fs }));
  for (const name of onOpenFiles) kept[name] = real[name];
  for (const name of readers) kept[name] = guarded(name, "read", name === "lstatSync" || name === "readlinkSync");
  for (const name of changers) kept[name] = guarded(name, "change", name === "unlinkSync" || name === "rmdirSync");
  kept["writeFileSync"] = guarded("writeFileSync", "change", false);
  kept["openSync"] = (/** @type {unknown} */ path, /** @type {unknown} */ flags, /** @type {unknown[]} */ ...rest) => {
    check(path, isReading(flags) ? "read" : "change", false);
    return call("openSync", path, flags, ...rest);
  };
  kept["renameSync"] = (/** @type {unknown} */ from, /** @type {unknown} */ to) => {
    check(from, "change", true);
    check(to, "change", true);
    const moved = resolve(String(from)).toLowerCase() + sep;
    if (places.some((place) => join(workspace, place).toLowerCase().startsWith(moved))) throw refused();
    return call("renameSync", from, to);
  };
  for (const name of Reflect.ownKeys(fs)) {
    if (name === "constants" || typeof Reflect.get(fs, name) === "number") continue;
    const value = kept[String(name)] ?? refuse;
    if (Reflect.getOwnPropertyDescriptor(fs, name)?.configurable === false) Object.assign(fs, { [name]: value });
    else Reflect.defineProperty(fs, name, { value, writable: false, enumerable: true, configurable: false });
  }

  /** @param {string} name @param {unknown[]} args */
  function call(name, ...args) {
    return real[name]?.(...args);
  }

  /** @param {string} name @param {"read" | "change"} use @param {boolean} keepLink */
  function guarded(name, use, keepLink) {
    return (/** @type {unknown} */ path, /** @type {unknown[]} */ ...rest) => {
      check(path, use, keepLink);
      return call(name, path, ...rest);
    };
  }
}

/** Emscripten and Python take the number and the code for their own: a PermissionError, which a script can catch. */
const refused = () =>
  Object.assign(new Error("This file is protected."), { name: "ErrnoError", errno: notPermitted, code: "EPERM" });

/** @param {unknown} flags */
function isReading(flags) {
  if (flags === undefined || flags === "r") return true;
  const { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND } = fs.constants;
  return typeof flags === "number" && (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND)) === 0;
}

/**
 * Throws where a path, as it is written or where it really leads, may not be used so.
 * @param {string} workspace @param {Protection} protection
 */
function checker(workspace, protection) {
  const [hidden, notHidden, readOnly, open, fixed] = [
    protection.hidden,
    protection.notHidden,
    protection.readOnly,
    protection.open,
    protection.fixed,
  ].map((source) => new RegExp(source, "ius"));
  const unseen = new RegExp(protection.unseen, "gu");
  const realpath = fs.realpathSync.native;

  /** @param {string} path */
  const real = (path) => {
    try {
      return realpath(path);
    } catch {
      return null;
    }
  };
  /** @param {string} path @param {"read" | "change"} use */
  const isAllowed = (path, use) => {
    const below = relative(workspace, path).split(sep).join("/").replace(unseen, "");
    if (hidden?.test(below) && !notHidden?.test(below)) return false;
    if (use === "change" && fixed?.test(below)) return false;
    return use === "read" || !readOnly?.test(below) || open?.test(below) === true;
  };
  return (/** @type {unknown} */ path, /** @type {"read" | "change"} */ use, /** @type {boolean} */ keepLink) => {
    if (typeof path !== "string") throw refused();
    const written = resolve(path);
    const folder = real(dirname(written));
    const leads = keepLink ? null : real(written);
    const all = [
      written,
      ...(folder === null ? [] : [join(folder, basename(written))]),
      ...(leads === null ? [] : [leads]),
    ];
    if (!all.every((one) => isAllowed(one, use))) throw refused();
  };
}
