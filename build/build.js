// Bundles the program: our own code and the small libraries into dist/, the large optional ones stay imports.
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { leaveOutGroups } from "./lean-client.js";
import { licenceNotices } from "./licences.js";
import { keepMadeSources } from "./made-sources.js";
import {
  keepApart,
  leaveOutStyleSheets,
  loadBuiltinsLate,
  makeSchemasLate,
  measureWidthLate,
  useOneFetch,
} from "./plugins.js";
import { replaceFolder } from "./replace-folder.js";
import { digestSources, stampOf } from "./sources.js";
import { packTables } from "./token-tables.js";
import { writeAscii } from "./write-ascii.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const digest = digestSources(root);

// Beside dist/, and moved there once all of it is made.
const out = join(root, `.dist-${process.pid}`);
process.on("exit", () => rmSync(out, { recursive: true, force: true }));
mkdirSync(out);

/** Packages that are imported late, and the files they get. */
const apart = {
  "cheerio/slim": "cheerio",
  "csv-parse/sync": "csv-parse",
  diff: "diff",
  "gpt-tokenizer/encoding/cl100k_base": "cl100k_base",
  "gpt-tokenizer/encoding/o200k_base": "o200k_base",
  undici: "undici",
  "http-proxy-agent": "http-proxy-agent",
  "https-proxy-agent": "https-proxy-agent",
  "socks-proxy-agent": "socks-proxy-agent",
};

/** What the process that reads documents needs for a few kinds of them only: the others start faster without it. */
const formats = { xlsx: "xlsx", mammoth: "mammoth", "postal-mime": "postal-mime" };

/** What a thread of its own reads: see src/base/json-schema/validate-json.ts. */
const inThreads = { "ajv-2020": "ajv/dist/2020", ajv: "ajv" };

/** @satisfies {import("esbuild").BuildOptions} */
const script = {
  absWorkingDir: root,
  outdir: out,
  outExtension: { ".js": ".cjs" },
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20.18",
  minifyWhitespace: true,
  minifySyntax: true,
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
  banner: { js: 'const bundleUrl=require("node:url").pathToFileURL(__filename).href;' },
  define: { "import.meta.url": "bundleUrl" },
  // The last one is used where somebody has installed it.
  external: [
    ...Object.keys(peerDependencies),
    "@modelcontextprotocol/client/*",
    "@modelcontextprotocol/server/*",
    "ioredis",
    "unpdf",
    "@anthropic-ai/sandbox-runtime",
  ],
};

// import() of a CommonJS file of ours would first search its whole text for the names that it exports.
const importOwnByRequire =
  'const Import=async(name)=>{if(!name.startsWith("../dist/"))return importPackage(name);' +
  "const all=require(name);return{...all,default:all}};";

/** What a script begins with that is one function, which whoever has its compiled code calls. */
const functionOf =
  "(function(exports,require,module,__filename,__dirname,importPackage){" + script.banner.js + importOwnByRequire;

// One CommonJS file, because Node 20 can keep the compiled code of a script and not that of modules. bin/autogpt.js calls it.
const program = await build({
  ...script,
  entryPoints: { cli: "src/cli.ts" },
  write: false,
  sourcemap: "external",
  sourcesContent: false,
  plugins: [
    keepApart(apart),
    loadBuiltinsLate,
    leaveOutGroups,
    useOneFetch,
    measureWidthLate,
    makeSchemasLate,
    keepMadeSources,
  ],
  banner: { js: stampOf(digest) + functionOf },
  footer: { js: "})" },
});
// See base/packages/import-module.ts.
writeScripts(program, (text) => replaceOnce(text, "await import(address)", "await Import(address)"));

// What other programs import: a script of its own, since that of the program is no file that can be required.
const api = await build({
  ...script,
  entryPoints: { api: "src/index.ts" },
  plugins: [keepApart(apart, { all: false }), loadBuiltinsLate, leaveOutGroups, useOneFetch, measureWidthLate],
});
writeFileSync(join(out, "index.js"), reExporting("./api.cjs"));

// The program of a process of its own, and what is imported late.
const reader = await build({
  ...script,
  entryPoints: { "document-reader-code": "src/documents/document-reader.ts" },
  write: false,
  plugins: [keepApart(formats), leaveOutStyleSheets],
  banner: { js: functionOf },
  footer: { js: "})" },
});
writeScripts(reader);
await build({
  ...script,
  entryPoints: {
    "document-reader": "src/documents/kept-reader.ts",
    "scoring-worker": "src/memory/local/vectors/scoring-worker.ts",
  },
});
const late = Object.entries({ ...apart, ...formats }).map(([name, file]) => [file, name]);
const scripts = await build({
  ...script,
  entryPoints: { ...Object.fromEntries(late), ...inThreads },
  plugins: [packTables(out)],
});

// What autogpt view shows in a browser: a script and its looks, which stand within the page.
const page = await build({
  absWorkingDir: root,
  outdir: out,
  entryPoints: [
    { in: "src/viewer/page/main.tsx", out: "viewer-page" },
    { in: "src/viewer/page/page.css", out: "viewer-page" },
  ],
  bundle: true,
  format: "iife",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: true,
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
});

// The child that runs Python is read by a Node with other flags, so it stays a file of its own.
for (const file of [
  "pyodide-child.mjs",
  "pyodide-files.mjs",
  "pyodide-protected.mjs",
  "pyodide-snapshot.mjs",
  "pyodide-driver.py",
])
  copyFileSync(join(root, "src", "sandbox", "backends", "pyodide", file), join(out, file));

// What the characters of fonts mean that a PDF in Chinese, Japanese or Korean names and does not hold.
cpSync(join(root, "node_modules", "pdfjs-dist", "cmaps"), join(out, "cmaps"), { recursive: true });

const bundled = [program, api, reader, scripts, page].flatMap(({ metafile }) => Object.keys(metafile.inputs));
writeFileSync(join(out, "third-party-licences.txt"), licenceNotices(root, bundled));

writeAscii(out);

replaceFolder(out, join(root, "dist"), "cli.cjs");

/**
 * A module that exports what a script in `out` does, under the same names.
 * @param {string} file
 */
function reExporting(file) {
  const names = Object.keys(createRequire(join(out, "index.js"))(file));
  return `import all from "${file}";\nexport const { ${names.join(", ")} } = all;\n`;
}

/**
 * Writes what was built. A script that is compiled from kept code cannot import by itself: `Import` does it, by a function of whoever
 * calls the script. Its name is as long as `import`, so that the source map still fits.
 * @param {import("esbuild").BuildResult<{ metafile: true, write: false }>} built @param {(text: string) => string} change
 */
function writeScripts({ outputFiles, metafile }, change = (text) => text) {
  const outside = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ kind, external }) => external && kind === "dynamic-import");
  const imported = (/** @type {string} */ text) =>
    outside.reduce((code, { path }) => {
      if (!code.includes(`mport("${path}")`))
        throw new Error(`The import of ${path} is not in the bundle as expected.`);
      return code.replaceAll(`import("${path}")`, `Import("${path}")`);
    }, change(text));
  for (const { path, text } of outputFiles)
    writeFileSync(join(out, basename(path)), path.endsWith(".cjs") ? imported(text) : text);
}

/** @param {string} text @param {string} part @param {string} other */
function replaceOnce(text, part, other) {
  if (text.split(part).length !== 2) throw new Error(`${part} is not in the bundle once, as expected.`);
  return text.replace(part, other);
}
