// Hooks for Node's module loader: TypeScript files are what tests/run.js has compiled beforehand, once for all processes.
import { access, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** @type {{ root: string, compiled: string }} */
let place;

/** `root`: the repository; `compiled`: the folder with the same tree as JavaScript. @param {typeof place} places */
export function initialize({ root, compiled }) {
  place = { root, compiled };
}

/**
 * `./name.js` beside a TypeScript file is `./name.ts` where that exists.
 * @type {import("node:module").ResolveHook}
 */
export async function resolve(specifier, context, next) {
  const { parentURL = "" } = context;
  if (/^\.\.?\/.*\.js$/.test(specifier) && parentURL.endsWith(".ts")) {
    const url = new URL(specifier.replace(/\.js$/, ".ts"), parentURL);
    const there = await access(url).then(
      () => true,
      () => false,
    );
    if (there) return { url: url.href, format: "module", shortCircuit: true };
  }
  return next(specifier, context);
}

/** @type {import("node:module").LoadHook} */
export async function load(url, context, next) {
  if (!url.startsWith("file:") || !url.endsWith(".ts")) return next(url, context);
  const file = join(place.compiled, relative(place.root, fileURLToPath(url)).replace(/\.ts$/, ".js"));
  return { format: "module", source: await readFile(file, "utf8"), shortCircuit: true };
}
