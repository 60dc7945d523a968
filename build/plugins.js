// What esbuild is told to do differently for the program's bundle. Each part fails where it finds nothing to do.
import { readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { join, sep } from "node:path";

const require = createRequire(import.meta.url);

/**
 * Packages that are large and never needed at the start lie in files of their own.
 * @param {Record<string, string>} apart package → name of its file in dist/
 * @param {{ all: boolean }} expected whether the bundle needs all of them
 * @returns {import("esbuild").Plugin}
 */
export function keepApart(apart, { all } = { all: true }) {
  return {
    name: "apart",
    setup(bundle) {
      const met = new Set();
      bundle.onResolve({ filter: /^[^./]/ }, ({ path }) => {
        if (!(path in apart)) return undefined;
        met.add(path);
        return { path: `../dist/${apart[path]}.cjs`, external: true };
      });
      bundle.onEnd(() => failFor(all ? Object.keys(apart) : [], met, "is kept apart, but nothing imports it any more"));
    },
  };
}

/** Modules of Node's own that a start may do without, each loaded when something of it is used. */
const seldom = new Set(["child_process", "https", "module", "readline", "timers/promises", "worker_threads", "zlib"]);

/**
 * An import() of Node's modules would start its loader of modules only to find them; it becomes a late one, too.
 * @type {import("esbuild").Plugin}
 */
export const loadBuiltinsLate = {
  name: "late-builtins",
  setup(bundle) {
    bundle.onResolve({ filter: /./ }, ({ path, kind, namespace }) => {
      const name = path.replace(/^node:/, "");
      if (namespace === "late" || !isBuiltin(path)) return undefined;
      return seldom.has(name) || kind === "dynamic-import" ? { path: name, namespace: "late" } : undefined;
    });
    bundle.onLoad({ filter: /./, namespace: "late" }, ({ path }) => {
      const exported = Object.keys(require(path)).filter((name) => name !== "default");
      const getters = exported.map((name) => `get ${name}(){return require("node:${path}").${name}}`);
      return { contents: `module.exports={${getters.join(",")}}` };
    });
  },
};

const ownHeaders = join(import.meta.dirname, "lean-headers.js");

/** Of each request the library puts together what its log is to say of it, and nothing is logged here. */
const logFile = "openai/internal/utils/log.mjs";
const logDetails = "export const formatRequestDetails = (details) => {";
const unloggedDetails = `${logDetails} return details;`;

/** Files of the client library that use Node's `Headers`, and packages that bring a `Blob` of their own. */
const patched = [
  "openai/internal/headers.mjs",
  logFile,
  "openai/client.mjs",
  "fetch-blob",
  "fetch-blob/file.js",
  "fetch-blob/from.js",
];

/**
 * What fetch needs is taken from where it costs least: the client library's Headers would load all of Node's fetch. This
 * saves time at the start and nothing else; run from source, the program does without it.
 * @type {import("esbuild").Plugin}
 */
export const useOneFetch = {
  name: "one-fetch",
  setup(bundle) {
    const met = new Set();
    bundle.onLoad({ filter: /[\\/]openai[\\/](internal[\\/].*|client)\.mjs$/ }, ({ path }) => {
      const file = patched.find((ending) => path.split(sep).join("/").endsWith(`/${ending}`));
      if (file === undefined) return undefined;
      const text = readFileSync(path, "utf8");
      if (/\bnew Headers\b|\binstanceof Headers\b|\binstanceof globalThis\.ReadableStream\b/.test(text)) met.add(file);
      // What is sent here is a text: to ask whether it is a stream would load all of Node's web streams.
      const contents = text.replaceAll("globalThis.ReadableStream", "undefined").replace(logDetails, unloggedDetails);
      if (file === logFile && !contents.includes(unloggedDetails)) met.delete(file);
      return { contents: `import { Headers } from ${JSON.stringify(ownHeaders)};\n${contents}` };
    });
    bundle.onResolve({ filter: /^fetch-blob(\/(file|from)\.js)?$/ }, ({ path }) => {
      met.add(path);
      return { path, namespace: "own-blob" };
    });
    bundle.onLoad({ filter: /./, namespace: "own-blob" }, ({ path }) => {
      // node-fetch passes on what makes one of a file, which nobody takes there, and which would load all of Node's web streams.
      if (path.endsWith("from.js"))
        return {
          contents: `export { Blob, File } from "node:buffer";
            export const blobFrom = undefined, blobFromSync = undefined, fileFrom = undefined, fileFromSync = undefined;`,
        };
      const name = path === "fetch-blob" ? "Blob" : "File";
      return { contents: `export { ${name}, ${name} as default } from "node:buffer";` };
    });
    bundle.onEnd(() =>
      failFor(patched, met, "is to be patched, but was not found, or the patch changes nothing in it"),
    );
  },
};

/** Where a schema of zod's has its reader of objects made, and of which it reads this many first without one. */
const zodCompiles = {
  from: "if (jit && fastEnabled && ctx?.async === false && ctx.jitless !== true) {",
  to: "if ((read += 1) > 100 && jit && allowsEval.value && ctx?.async === false && ctx.jitless !== true) {",
};

/**
 * Schemas of the program's are made when they are first used, as most of them never are: see late-zod.js. And zod writes and
 * compiles a function for each kind of object when it meets the first one, which pays for those that are met often.
 * @type {import("esbuild").Plugin}
 */
export const makeSchemasLate = {
  name: "late-schemas",
  setup(bundle) {
    const met = new Set();
    const late = join(import.meta.dirname, "late-zod.js");
    bundle.onResolve({ filter: /^zod$/ }, ({ importer }) =>
      importer.startsWith(join(import.meta.dirname, "..", "src")) ? { path: late } : undefined,
    );
    bundle.onResolve({ filter: /^zod-in-use$/ }, ({ path }) => ({ path, namespace: "zod-in-use" }));
    bundle.onLoad({ filter: /./, namespace: "zod-in-use" }, () => ({
      contents: `import { iso } from "zod";
        export const isoDate = iso.date, isoDatetime = iso.datetime;
        export { ${usedOfZod.join(", ")} } from "zod";`,
      resolveDir: import.meta.dirname,
    }));
    bundle.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]core[\\/]schemas\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const contents = text
        .replace(zodCompiles.from, zodCompiles.to)
        .replace("    let fastpass;\n", "    let fastpass, read = 0;\n")
        .replace("    const fastEnabled = jit && allowsEval.value;", "");
      if (
        contents.includes(zodCompiles.to) &&
        contents.includes("fastpass, read = 0") &&
        !contents.includes("fastEnabled")
      )
        met.add("zod's reader of objects");
      return { contents };
    });
    bundle.onEnd(({ warnings }) => {
      const unknown = warnings.find(({ id, text }) => id === "import-is-undefined" && text.includes("late-zod"));
      const { errors } = failFor(["zod's reader of objects"], met, "was to be patched, and is another one now");
      return { errors: unknown ? [...errors, { text: `${unknown.text} Name it there, too.` }] : errors };
    });
  },
};

/** Read from late-zod.js, so that one list is enough. */
const usedOfZod = [
  ...readFileSync(join(import.meta.dirname, "late-zod.js"), "utf8").matchAll(
    /\blate\("([a-zA-Z]+)"\)|zod\(\)\.(\w+)\(/g,
  ),
].flatMap(([, made = "", called = made]) => (/^iso/.test(called) ? [] : [called]));

/** What the package makes when it is loaded: each is a constant with this name. */
const madeEarly = [
  "segmenter",
  "visibleCharacterRegex",
  "spacingMarkRegex",
  "rgiEmojiRegex",
  "extendedPictographicRegex",
];

/**
 * V8 takes longer to make what finds clusters and kinds of letters than to start the rest of the console: each is made when it is first
 * asked for, which is when a text has more than ASCII.
 * @type {import("esbuild").Plugin}
 */
export const measureWidthLate = {
  name: "late-width",
  setup(bundle) {
    const met = new Set();
    bundle.onLoad({ filter: /[\\/]string-width[\\/]index\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const name of madeEarly) {
        const declared = new RegExp(`^const ${name} = (.*);$`, "m");
        const made = declared.exec(contents)?.[1];
        if (made === undefined) continue;
        met.add(name);
        contents = contents.replace(declared, "").replace(new RegExp(`\\b${name}\\b`, "g"), () => `${name}()`);
        contents += `\nlet ${name}Made;\nfunction ${name}() { return (${name}Made ??= ${made}); }\n`;
      }
      return { contents };
    });
    bundle.onEnd(() => failFor(madeEarly, met, "was not found in string-width"));
  },
};

/**
 * The document model of pages brings a parser of style sheets, which takes a sixth of the time in which a page is read and
 * which nobody asks for: whether a rule hides something is found out without it.
 * @type {import("esbuild").Plugin}
 */
export const leaveOutStyleSheets = {
  name: "no-style-sheets",
  setup(bundle) {
    const met = new Set();
    bundle.onResolve({ filter: /^cssomnom\// }, ({ path }) => {
      met.add("cssomnom");
      return { path, namespace: "no-style-sheets" };
    });
    bundle.onLoad({ filter: /./, namespace: "no-style-sheets" }, () => ({
      contents: "export const parse = () => { throw new Error('Style sheets are not parsed here.'); };",
    }));
    bundle.onEnd(() => failFor(["cssomnom"], met, "is to be left out, but nothing imports it any more"));
  },
};

/** @param {readonly string[]} expected @param {Set<string>} met @param {string} problem */
export function failFor(expected, met, problem) {
  const missing = expected.filter((name) => !met.has(name));
  return { errors: missing.map((name) => ({ text: `${name} ${problem}: see build/` })) };
}
