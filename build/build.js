// Bundles the program: our own code and the small libraries into dist/, the large optional ones stay imports.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { version, optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const out = join(root, "dist");

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

const encodings = ["o200k_base", "cl100k_base"];

const script = {
  ...shared,
  outExtension: { ".js": ".cjs" },
  format: "cjs",
  banner: { js: 'const bundleUrl=require("node:url").pathToFileURL(__filename).href;' },
  // The last one is used where somebody has installed it.
  external: [...Object.keys(optionalDependencies), "@anthropic-ai/sandbox-runtime"],
  define: { PACKAGE_VERSION: JSON.stringify(version), "import.meta.url": "bundleUrl" },
};

// One CommonJS file, because Node 20 can keep the compiled code of a script and not that of modules.
const program = await build({
  ...script,
  entryPoints: { cli: "src/cli.ts" },
  write: false,
  plugins: [{ name: "encodings-apart", setup: keepEncodingsApart }],
});
mkdirSync(out);
for (const { path, text } of program.outputFiles) writeFileSync(path, importedByLauncher(text));

// The program of a process of its own.
const reader = await build({ ...script, entryPoints: { "page-reader": "src/web/page/page-reader.ts" } });

// Megabytes of tables that only counting tokens needs.
const tables = await build({
  ...shared,
  entryPoints: Object.fromEntries(encodings.map((name) => [name, `gpt-tokenizer/encoding/${name}`])),
  format: "esm",
});

// The child that runs Python is read by a Node with other flags, so it stays a file of its own.
for (const file of ["pyodide-child.mjs", "pyodide-snapshot.mjs", "pyodide-driver.py"])
  copyFileSync(join(root, "src", "sandbox", file), join(out, file));

// What is bundled is passed on, so its licences are too.
const packages = new Set(
  [program, reader, tables]
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

function keepEncodingsApart(bundle) {
  bundle.onResolve({ filter: /^gpt-tokenizer\/encoding\// }, ({ path }) => ({
    path: `../dist/${path.split("/").at(-1)}.js`,
    external: true,
  }));
}

/** A script that is compiled from kept code cannot import by itself: bin/autogpt.js hands it `importLate`. */
function importedByLauncher(text) {
  const outside = Object.values(program.metafile.outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ kind, external }) => external && kind === "dynamic-import");
  return outside.reduce((code, { path }) => code.replaceAll(`import("${path}")`, `importLate("${path}")`), text);
}
