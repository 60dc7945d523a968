import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { userFolder } from "../folders/user-folder.js";
import { codeOf } from "../system-error.js";
import { importModule } from "./import-module.js";

/**
 * Where `autogpt add` installs packages, for all folders of the user: `$XDG_DATA_HOME/autogpt/packages`, else
 * `~/.local/share/autogpt/packages`; on Windows below %LOCALAPPDATA%. The program's own folder would be emptied by npm with
 * the next update.
 */
export const addedPackages = (environment: Readonly<Record<string, string | undefined>> = process.env): string =>
  join(userFolder("data", environment), "packages");

/** Loads a package that may be there: installed with the program or beside it, else added by `autogpt add`. Rejects where it is neither. */
export async function loadPackage<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (thrown) {
    if (!isNotFound(thrown)) throw thrown;
    const { moduleResolve } = await import("import-meta-resolve");
    let found: URL;
    try {
      found = moduleResolve(name, pathToFileURL(besidePackages()));
    } catch {
      throw thrown;
    }
    return (await importModule(found.href)) as Module;
  }
}

/** The path of a file of a package that may be there, such as `pyodide/package.json`; null where it is not. Loads nothing. */
export function findInPackages(file: string): string | null {
  for (const from of [fileURLToPath(import.meta.url), besidePackages()]) {
    try {
      return createRequire(from).resolve(file);
    } catch {
      // The next place is asked.
    }
  }
  return null;
}

const besidePackages = (): string => join(addedPackages(), "package.json");

const isNotFound = (thrown: unknown): boolean =>
  codeOf(thrown) === "ERR_MODULE_NOT_FOUND" || codeOf(thrown) === "MODULE_NOT_FOUND";
