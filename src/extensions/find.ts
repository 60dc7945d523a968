import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isWithin } from "../protection/guarded.js";
import { realName } from "../base/folders/real-name.js";

/** An extension as settings or a journal name it; `place` says where, for messages. */
export type NamedExtension = {
  /** A path that begins with `./`, `../` or `/`, or the name of an installed package. */
  module: string;
  /** Where the path begins, and packages are looked for. */
  folder: string;
  place: string;
};

/** Where it is, with a digest of its code: of the module (`file`) and all `files` that it names by relative paths. */
export type FoundExtension = NamedExtension & { file: string; files: readonly string[]; digest: string };

/** More files than this are no small extension; what lies beyond does not enter the digest. */
const mostFiles = 500;

/**
 * Finds the module, without running anything of it. Throws an Error that says why it cannot be used: above all where it
 * lies in the workspace, in which the model writes.
 */
export async function findExtension(named: NamedExtension, workspace: string): Promise<FoundExtension> {
  const isPath = /^\.{1,2}[\\/]/.test(named.module) || isAbsolute(named.module);
  const file = await realpath(isPath ? await localFile(named) : await packageFile(named));
  if (!(await stat(file)).isFile()) throw new Error(`${file} is no file`);
  const root = await realName(resolve(workspace));
  const hash = createHash("sha256");
  const files = await reachableFiles(file, isPath ? [] : await manifestOf(file));
  for (const each of files) {
    if (isWithin(root, each))
      throw new Error(
        `${each === file ? "it" : each} lies in the workspace ${root}, where the AI itself can change it. Move it out of there`,
      );
    hash
      .update(`${each}\0`)
      .update(await readFile(each))
      .update("\0");
  }
  return { ...named, file, files, digest: hash.digest("hex") };
}

async function localFile({ module, folder }: NamedExtension): Promise<string> {
  const file = resolve(folder, module);
  if (await exists(file)) return file;
  throw new Error(`${file} does not exist`);
}

async function packageFile({ module, folder }: NamedExtension): Promise<string> {
  const { moduleResolve } = await import("import-meta-resolve");
  const found = moduleResolve(module, pathToFileURL(join(folder, "ai_settings.yaml")));
  if (found.protocol !== "file:") throw new Error("it is no package, and no path that begins with ./");
  return fileURLToPath(found);
}

const exists = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

const relativeName = /(["'`])(\.{1,2}\/[^"'`\n]*)\1/g;
const endings = ["", ".js", ".cjs", ".mjs", ".json", "/index.js"];

/** A module, others, and the files that they name by relative paths, and so on; rather too many than too few, in a fixed order. */
async function reachableFiles(file: string, others: readonly string[]): Promise<string[]> {
  const found = new Set([file, ...others]);
  for (const each of found) {
    if (found.size >= mostFiles || !/\.[cm]?[jt]s$/.test(each)) continue;
    for (const [, , name = ""] of (await readFile(each, "utf8")).matchAll(relativeName)) {
      for (const ending of endings) {
        const target = resolve(dirname(each), `${name}${ending}`);
        const isFile = await stat(target)
          .then((entry) => entry.isFile())
          .catch(() => false);
        if (isFile) found.add(await realpath(target));
      }
    }
  }
  return [...found];
}

/** The package.json that holds for a file: with a package's version its code changes. */
async function manifestOf(file: string): Promise<string[]> {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (await exists(manifest)) return [await realpath(manifest)];
    if (dirname(folder) === folder) return [];
  }
}
