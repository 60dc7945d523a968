import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/**
 * Which modules take themselves for a part of what is built: each page and document is read in a process of its own, and
 * the built program of that process starts three times faster.
 * @type {Record<string, string>}
 */
const builtPlaces = { [join("src", "documents", "read-apart.ts")]: join("dist", "cli.cjs") };

/**
 * Makes a tree of JavaScript in `outdir` from the TypeScript of `src` and `tests`, for Node to run as it is: hooks in its
 * loader would cost a twentieth of all the tests' time. Each module takes itself for its source, by its address as well
 * as in a stack. What is no TypeScript is a link to where it lies.
 * @param {string} root the repository @param {readonly string[]} tests the test files that are to be run, below `root`
 * @param {string} outdir
 */
export async function compile(root, tests, outdir) {
  const sources = ["src", "tests"]
    .flatMap((folder) => filesBelow(root, folder))
    .filter((file) => !file.endsWith(".test.ts") || tests.includes(file));
  const { outputFiles } = await build({
    entryPoints: sources.filter((file) => file.endsWith(".ts")).map((file) => join(root, file)),
    outdir,
    outbase: root,
    write: false,
    format: "esm",
    target: "node20.18",
    sourcemap: "external",
    sourcesContent: false,
    define: { "import.meta.url": "sourceUrl" },
  });
  const maps = new Map(outputFiles.map(({ path, text }) => [path, text]));
  for (const { path, text } of outputFiles) {
    if (path.endsWith(".map")) continue;
    const source = relative(outdir, path).replace(/\.js$/, ".ts");
    const map = JSON.stringify({ ...JSON.parse(maps.get(`${path}.map`) ?? "{}"), sources: [urlOf(root, source)] });
    mkdirSync(dirname(path), { recursive: true });
    // What is put before it stands on the line of the first statement, so that the map still fits.
    writeFileSync(path, `${knownAddress(text, urlOf(root, builtPlaces[source] ?? source))}${text}${inline(map)}`);
  }
  for (const file of sources.filter((file) => /\.[cm]?js$/.test(file))) {
    mkdirSync(dirname(join(outdir, file)), { recursive: true });
    symlinkSync(join(root, file), join(outdir, file));
  }
  for (const folder of ["build", "node_modules", "package.json"]) symlinkSync(join(root, folder), join(outdir, folder));
}

/** Paths below `root`. @param {string} root @param {string} folder */
const filesBelow = (root, folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));

/** @param {string} root @param {string} file */
const urlOf = (root, file) => pathToFileURL(join(root, file)).href;

/** @param {string} text @param {string} url */
const knownAddress = (text, url) => (text.includes("sourceUrl") ? `const sourceUrl=${JSON.stringify(url)};` : "");

/** @param {string} map */
const inline = (map) => `//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}\n`;
