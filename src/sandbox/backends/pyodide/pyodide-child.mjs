// Runs one Python file in Pyodide, in a process of its own under Node's permission model. Plain JavaScript, because Node
// reads it as it is, from the sources and from the package alike.
//
// Python code can reach all of JavaScript (`import js`). The permission model keeps files and processes from it; the
// network, signals and whatever else reaches out are taken away here before the first line of Python runs.
import fs from "node:fs";
import nodeModule, { builtinModules, createRequire, syncBuiltinESMExports } from "node:module";
import { notPermitted, prepareFiles } from "./pyodide-files.mjs";
import { setFlagsFromString } from "node:v8";
import { protectFiles } from "./pyodide-protected.mjs";

/** @typedef {{ [name: PropertyKey]: unknown }} Properties of a module, a prototype or an object: what is taken away, by name. */
/** @typedef {() => never} Refuse */

const [folder = "", workspace = "", file = "", memory = "", protectedText = "", snapshot = ""] = process.argv.slice(2);
const inside = "/workspace";
const exit = process.exit.bind(process);
const { writeSync, readFileSync } = fs;
const readyStream = 3;

// Emscripten asks for these constants in a way that the permission model forbids.
const binding = (/** @type {string} */ name) => (name === "constants" ? { fs: fs.constants } : undefined);
Object.assign(process, { binding });

// V8 optimises a function of WebAssembly once it has run so many bytes of it: by itself after 1,800,000, and two fifths of what
// a short script takes would go into that. A script that computes for long still gets there, some hundredths of a second later.
setFlagsFromString("--wasm-tiering-budget=60000000");
limitMemory(Number(memory));
const { loadPyodide } = await import(`file://${folder.split("/").map(encodeURIComponent).join("/")}/pyodide.mjs`);
const python = await loadPyodide({
  indexURL: `${folder}/`,
  env: { HOME: "/tmp", PATH: "/", LANG: "C.UTF-8", TERM: "dumb" },
  stdin: () => null,
  ...(snapshot ? { _loadSnapshot: readFileSync(snapshot) } : {}),
});
python.setStdout({ write: (/** @type {Uint8Array} */ bytes) => writeAll(1, bytes) });
python.setStderr({ write: (/** @type {Uint8Array} */ bytes) => writeAll(2, bytes) });
python.FS.mkdirTree(inside);
python.FS.mount(python.FS.filesystems.NODEFS, { root: workspace }, inside);
python.FS.chdir(inside);
prepareFiles(python, inside, (text) => writeAll(2, Buffer.from(text)));
const driver = python.runPython(readDriver());

closeTheDoors();
writeSync(readyStream, "s");
let code = 1;
try {
  code = driver(file, inside);
} catch (thrown) {
  const error = /** @type {{ status?: unknown, message?: unknown } | null | undefined} */ (thrown);
  if (typeof error?.status === "number") code = error.status;
  else writeAll(2, Buffer.from(`${error?.message ?? error}\n`));
}
exit(code);

function readDriver() {
  return readFileSync(new URL("./pyodide-driver.py", import.meta.url), "utf8");
}

/** A pipe that is full takes a part, or says that it would block. @param {number} stream @param {Uint8Array} bytes */
function writeAll(stream, bytes) {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(stream, bytes, written);
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code === "EPIPE") return bytes.length;
      if (code !== "EAGAIN") throw error;
    }
  }
  return bytes.length;
}

/** WebAssembly's memory is no part of the heap that Node can limit: it grows through this one function. @param {number} bytes */
function limitMemory(bytes) {
  const { prototype } = Reflect.get(globalThis, "WebAssembly").Memory;
  const { grow } = prototype;
  prototype.grow = function (/** @type {number} */ pages) {
    if (this.buffer.byteLength + pages * 65_536 > bytes) throw new RangeError("The memory limit is reached.");
    return grow.call(this, pages);
  };
  Object.freeze(prototype);
}

function closeTheDoors() {
  const require = createRequire(import.meta.url);
  const open = new Set(
    (
      "assert assert/strict buffer constants events path path/posix path/win32 punycode querystring string_decoder " +
      "timers timers/promises url util util/types fs fs/promises module process crypto os stream stream/promises " +
      "console sys"
    ).split(" "),
  );
  const hidden = ["node:sqlite", "node:sea", "node:test", "node:test/reporters", "node:ffi", "node:quic", "node:vfs"];
  const refuse = () => {
    // Emscripten and Python take name, number and code for their own: a PermissionError, which a script can catch.
    const facts = { name: "ErrnoError", errno: notPermitted, code: "EPERM" };
    throw Object.assign(new Error("This is not available in the sandbox."), facts);
  };

  for (const name of [...builtinModules, ...hidden]) {
    const plain = name.replace(/^node:/, "");
    if (open.has(plain) || plain.startsWith("_stream")) continue;
    const exports = loaded(require, name);
    if (exports !== undefined) empty(exports, reachesOut(plain), refuse);
  }
  empty(/** @type {Properties} */ (/** @type {unknown} */ (fs.promises)), true, refuse);
  const { protection, places } = JSON.parse(protectedText);
  protectFiles(workspace, protection, places, refuse);
  for (const name of ["setPriority", "networkInterfaces", "userInfo", "hostname"]) require("node:os")[name] = refuse;
  for (const name of ["setEngine", "setFips"]) require("node:crypto")[name] = refuse;
  for (const name of Reflect.ownKeys(nodeModule)) {
    if (typeof Reflect.get(nodeModule, name) === "function" && name !== "prototype") replace(nodeModule, name, refuse);
  }
  syncBuiltinESMExports();
  closeGlobals(refuse);
  closeProcess(refuse);
}

/** @param {NodeJS.Require} require @param {string} name */
function loaded(require, name) {
  try {
    return require(name);
  } catch {
    return undefined; // This Node does not have it, or a permission keeps it closed already.
  }
}

/** @param {string} name */
function reachesOut(name) {
  return /^_?(net|tls|dgram|dns|http|https|http2|child_process|cluster|inspector|wasi|repl|sqlite)\b|^_(http|tls)_/.test(
    name,
  );
}

/**
 * Takes every function out of a module; where instances may be about already, their methods too.
 * @param {Properties | null | undefined} exports @param {boolean} methodsToo @param {Refuse} refuse
 */
function empty(exports, methodsToo, refuse) {
  if (exports === null || exports === undefined || (typeof exports !== "object" && typeof exports !== "function"))
    return;
  for (const name of Reflect.ownKeys(exports)) {
    const value = Reflect.getOwnPropertyDescriptor(exports, name)?.value ?? valueOf(exports, name);
    if (methodsToo && typeof value === "function" && value.prototype) emptyPrototype(value.prototype, refuse);
    if (methodsToo && name === "promises") empty(/** @type {Properties} */ (value), true, refuse);
    if (typeof value === "function" || (typeof value === "object" && value !== null)) replace(exports, name, refuse);
  }
}

/** @param {Properties} exports @param {PropertyKey} name */
function valueOf(exports, name) {
  try {
    return exports[name];
  } catch {
    return undefined;
  }
}

/** @param {Properties} prototype @param {Refuse} refuse */
function emptyPrototype(prototype, refuse) {
  /** @type {object[]} */
  const shared = [Object.prototype, Function.prototype, Array.prototype, Error.prototype, Promise.prototype];
  const name = prototype.constructor?.name ?? "";
  if (shared.includes(prototype) || /^(EventEmitter|Stream|Readable|Writable|Duplex|Transform|\w*Error)$/.test(name))
    return;
  for (const method of Reflect.ownKeys(prototype)) {
    const { value, get } = Reflect.getOwnPropertyDescriptor(prototype, method) ?? {};
    if (method !== "constructor" && (typeof value === "function" || get)) replace(prototype, method, refuse);
  }
}

/**
 * What cannot be taken away ends the program: better nothing runs.
 * @param {object} object @param {PropertyKey} name @param {Refuse} refuse
 */
function replace(object, name, refuse) {
  const descriptor = Reflect.getOwnPropertyDescriptor(object, name);
  if (descriptor?.configurable) {
    Reflect.defineProperty(object, name, { value: refuse, writable: false, enumerable: true, configurable: false });
  } else if (descriptor?.writable) Object.assign(object, { [name]: refuse });
  else if (typeof descriptor?.value === "function" && descriptor.value !== refuse)
    throw new Error(`The sandbox cannot close ${String(name)}.`);
}

/** @param {Refuse} refuse */
function closeGlobals(refuse) {
  for (const name of ["fetch", "WebSocket", "EventSource", "BroadcastChannel", "Worker", "navigator", "Storage"]) {
    if (!(name in globalThis)) continue;
    if (!Reflect.deleteProperty(globalThis, name)) throw new Error(`The sandbox cannot close ${name}.`);
    Reflect.defineProperty(globalThis, name, { value: refuse, writable: false, configurable: false });
  }
}

/** Of the process, only what cannot reach out stays. @param {Refuse} refuse */
function closeProcess(refuse) {
  const kept = new Set(
    (
      "version versions arch platform release features config argv execArgv execPath pid ppid title exitCode hrtime " +
      "uptime cwd umask memoryUsage nextTick emitWarning cpuUsage resourceUsage exit reallyExit domain _exiting " +
      "_events _eventsCount _maxListeners _tickCallback _fatalException setUncaughtExceptionCaptureCallback " +
      "noDeprecation permission"
    ).split(" "),
  );
  const listening = Object.fromEntries(
    ["on", "once", "off", "removeListener", "listenerCount"].map((name) => [name, () => 0]),
  );
  const output = (/** @type {number} */ fd) => ({
    fd,
    isTTY: false,
    write: (/** @type {unknown} */ text) => writeAll(fd, Buffer.from(String(text))) > 0,
    ...listening,
  });
  /** @type {Properties} */
  const replacements = { env: {}, stdout: output(1), stderr: output(2), stdin: { fd: 0, isTTY: false } };
  for (const name of Reflect.ownKeys(process)) {
    if (typeof name === "symbol" || kept.has(name)) continue;
    const value = replacements[name] ?? (name === "binding" ? binding : refuse);
    if (Reflect.deleteProperty(process, name)) {
      Reflect.defineProperty(process, name, { value, writable: false, configurable: false });
    } else replace(process, name, refuse);
  }
}
