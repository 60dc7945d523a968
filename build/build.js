// Bundles the program: our own code and the small libraries into dist/, the large optional ones stay imports.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { version, optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const out = join(root, "dist");
const require = createRequire(import.meta.url);

rmSync(out, { recursive: true, force: true });

const shared = {
  absWorkingDir: root,
  outdir: out,
  bundle: true,
  minifyWhitespace: true,
  minifySyntax: true,
  metafile: true,
  platform: "node",
  target: "node20.18",
  legalComments: "none",
  logLevel: "warning",
};

/** Packages that are imported late, and the files they get. */
const apart = {
  "cheerio/slim": "cheerio",
  chardet: "chardet",
  "csv-parse/sync": "csv-parse",
  "gpt-tokenizer/encoding/cl100k_base": "cl100k_base",
  "gpt-tokenizer/encoding/o200k_base": "o200k_base",
  undici: "undici",
};

/** Modules of Node's own that a start may do without, each loaded when something of it is used. */
const seldom = new Set(["child_process", "https", "module", "readline", "timers/promises", "worker_threads", "zlib"]);

const script = {
  ...shared,
  outExtension: { ".js": ".cjs" },
  format: "cjs",
  banner: { js: 'const bundleUrl=require("node:url").pathToFileURL(__filename).href;' },
  // The last one is used where somebody has installed it.
  external: [...Object.keys(optionalDependencies), "@anthropic-ai/sandbox-runtime"],
  define: { PACKAGE_VERSION: JSON.stringify(version), "import.meta.url": "bundleUrl" },
};

// As import() would, but without Node's search for the names that a CommonJS file exports: it reads the whole text.
const requireLate = "const requireLate=async(file)=>{const all=require(file);return{...all,default:all}};";

// The whole is one function that bin/autogpt.js calls.
const wrapped = {
  banner: { js: `(function(exports,require,module,__filename,__dirname,importLate){${script.banner.js}${requireLate}` },
  footer: { js: "})" },
};

// One CommonJS file, because Node 20 can keep the compiled code of a script and not that of modules.
const program = await build({
  ...script,
  entryPoints: { cli: "src/cli.ts" },
  write: false,
  plugins: [
    { name: "apart", setup: keepApart },
    { name: "late-builtins", setup: loadAtFirstUse },
    { name: "one-fetch", setup: useOneFetch },
  ],
  ...wrapped,
});
mkdirSync(out);
for (const { path, text } of program.outputFiles) writeFileSync(path, importedByLauncher(text));

// The program of a process of its own, and what is imported late.
const late = Object.entries(apart).map(([name, file]) => [file, name]);
const scripts = await build({
  ...script,
  entryPoints: { "page-reader": "src/web/page/page-reader.ts", ...Object.fromEntries(late) },
  plugins: [{ name: "tables", setup: keepTablesAsJson }],
});

// The child that runs Python is read by a Node with other flags, so it stays a file of its own.
for (const file of ["pyodide-child.mjs", "pyodide-snapshot.mjs", "pyodide-driver.py"])
  copyFileSync(join(root, "src", "sandbox", "backends", "pyodide", file), join(out, file));

// What is bundled is passed on, so its licences are too.
const packages = new Set(
  [program, scripts]
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .flatMap((file) => /(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
);
const notices = [...packages].sort().map((folder) => {
  const { name, version: theirs, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const text = ["LICENSE", "LICENSE.md", "LICENSE.txt", "license", "LICENCE", "License"]
    .map((file) => readOrNothing(join(root, folder, file)))
    .find((found) => found !== "");
  return `${name} ${theirs} (${license})\n\n${text ?? ""}`;
});
writeFileSync(join(out, "third-party-licences.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));

function readOrNothing(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** What is large and never needed at the start lies in files of its own. */
function keepApart(bundle) {
  bundle.onResolve({ filter: /^[^./]/ }, ({ path }) =>
    path in apart ? { path: `../dist/${apart[path]}.cjs`, external: true } : undefined,
  );
}

/** An import() of Node's modules would start its loader of modules only to find them; it becomes a late one, too. */
function loadAtFirstUse(bundle) {
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
}

/** What fetch needs is taken from where it costs least: the client library's Headers would load all of Node's fetch. */
function useOneFetch(bundle) {
  bundle.onLoad({ filter: /[\\/]openai[\\/]internal[\\/](headers|utils[\\/]log)\.mjs$/ }, ({ path }) => ({
    contents: `import { Headers } from "node-fetch";\n${readFileSync(path, "utf8")}`,
  }));
  bundle.onResolve({ filter: /^fetch-blob(\/file\.js)?$/ }, ({ path }) => ({ path, namespace: "own-blob" }));
  bundle.onLoad({ filter: /./, namespace: "own-blob" }, ({ path }) => {
    const name = path === "fetch-blob" ? "Blob" : "File";
    return { contents: `export { ${name}, ${name} as default } from "node:buffer";` };
  });
}

/** The tokeniser's tables lie beside it as JSON, which is read in a third of the time that they take as a script. */
function keepTablesAsJson(bundle) {
  bundle.onLoad({ filter: /[\\/]gpt-tokenizer[\\/].*[\\/]bpeRanks[\\/]\w+\.js$/ }, async ({ path }) => {
    const { default: table } = await import(pathToFileURL(path).href);
    const file = `${basename(path, ".js")}.json`;
    writeFileSync(join(out, file), JSON.stringify(table));
    return {
      contents: `import { readFileSync } from "node:fs";
        export default JSON.parse(readFileSync(new URL("${file}", import.meta.url), "utf8"));`,
    };
  });
}

/** A script that is compiled from kept code cannot import by itself: our own files are required, others left to bin/autogpt.js. */
function importedByLauncher(text) {
  const outside = Object.values(program.metafile.outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ kind, external }) => external && kind === "dynamic-import");
  return outside.reduce((code, { path }) => {
    const late = path.startsWith("../dist/") ? "requireLate" : "importLate";
    return code.replaceAll(`import("${path}")`, `${late}("${path}")`);
  }, text);
}
