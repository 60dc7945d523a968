import { addedPackages } from "../packages/added.js";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The flags with which Node runs a file of this program: none for the bundle. Run from source, a child needs what its
 * parent was started with, such as the loader for TypeScript.
 */
export const nodeFlagsFor = (file: string): string[] => (file.endsWith(".ts") ? process.execArgv : []);

/** A program of ours that lies beside the module with this address, in the sources as in the bundle. */
export const programBeside = (module: string, name: string): string =>
  fileURLToPath(new URL(`./${name}${extname(fileURLToPath(module))}`, module));

/** The folder that this process is in, or null where that has been removed. */
export function currentFolder(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

/** What lies beside package.json and is run, or says what is run. */
const ownNames = ["bin", "build", "dist", "node_modules", "package.json", "package-lock.json", "src", "tsconfig.json"];

/**
 * Files and folders, existing or not, that the next start of this program runs code from: its own, and every folder in
 * which Node would look for a package that it imports. Who may write there runs code unconfined, with the user's keys.
 */
export function ownProgramFiles(self?: string): string[] {
  const root = packageFolder(self);
  const found = [...ownNames.map((name) => join(root, name)), addedPackages()];
  for (let folder = dirname(root); ; folder = dirname(folder)) {
    if (basename(folder) !== "node_modules") found.push(join(folder, "node_modules"));
    if (dirname(folder) === folder) return found;
  }
}

/** The folder of package.json: three above this file in the sources, one above the bundle. */
export function packageFolder(self: string = fileURLToPath(import.meta.url)): string {
  const folder = dirname(self);
  return basename(folder) === "dist" ? dirname(folder) : dirname(dirname(dirname(folder)));
}
