// Bundles the program: our own code and the small libraries into dist/, the large optional ones stay imports.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { version, optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const out = join(root, "dist");

rmSync(out, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  // page-reader is the program of a process of its own.
  entryPoints: { cli: "src/cli.ts", "page-reader": "src/web/page/page-reader.ts" },
  outdir: out,
  bundle: true,
  splitting: true,
  minifyWhitespace: true,
  minifySyntax: true,
  metafile: true,
  platform: "node",
  target: "node20.18",
  format: "esm",
  // Some of the bundled libraries are CommonJS and ask for Node's own modules.
  banner: {
    js: 'import{createRequire as makeRequireForBundle}from"node:module";const require=makeRequireForBundle(import.meta.url);',
  },
  legalComments: "none",
  external: Object.keys(optionalDependencies),
  define: { PACKAGE_VERSION: JSON.stringify(version) },
  logLevel: "warning",
});

// What is bundled is passed on, so its licences are too.
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((file) => /(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
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
