import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import picomatch from "picomatch";
import { long, repository, temporaryFolder } from "../support/program.js";
import type { Surroundings } from "../support/services/services.js";

const execute = promisify(execFile);

/** A package of these sources that there is already, with its declarations: `.ci/run` names one. */
const packed = process.env["AUTOGPT_TEST_PACKAGE"];

/**
 * A folder in which the packed program is installed, with copies of its examples; without the full counts it is not really packed. What it depends on is linked
 * from the repository, so that no network is needed.
 */
export async function installedPackage(t: Pick<Surroundings, "after">): Promise<string> {
  const folder = await temporaryFolder(t);
  const installed = join(folder, "node_modules", "autogpt");
  mkdirSync(installed, { recursive: true });
  if (long) await unpack(packed ?? (await pack(folder)), installed);
  else copyWhatIsPacked(installed);
  const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) link(folder, name);
  cpSync(join(installed, "examples"), folder, { recursive: true });
  return folder;
}

/** Packs into `folder`, and resolves to the package's path. */
async function pack(folder: string): Promise<string> {
  // dist/ is fresh: the test run has built it. Declarations take long, and are made where a test needs them.
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await execute("npm", args, { cwd: repository, env: { ...process.env, npm_config_cache: folder } });
  return join(folder, stdout.trim());
}

const unpack = (file: string, folder: string): Promise<unknown> =>
  execute("tar", ["-xzf", file, "-C", folder, "--strip-components=1"]);

/** Makes the declarations of an installed package, where it was packed without. */
export async function addDeclarations(folder: string): Promise<void> {
  const types = join(folder, "node_modules", "autogpt", "types");
  if (packed === undefined) await execute(process.execPath, [join(repository, "build", "declarations.js"), types]);
}

/** By the same list as npm, which compresses for two seconds what is unpacked at once. */
function copyWhatIsPacked(installed: string): void {
  const { files } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { files: string[] };
  const isLeftOut = picomatch(files.filter((file) => file.startsWith("!")).map((file) => file.slice(1)));
  for (const file of ["package.json", ...files.filter((one) => !one.startsWith("!"))])
    if (existsSync(join(repository, file)))
      cpSync(join(repository, file), join(installed, file), {
        recursive: true,
        filter: (path) => !isLeftOut(relative(repository, path).replaceAll("\\", "/")),
      });
}

/** Makes a package of the repository one of the folder's as well. */
export function link(folder: string, name: string): void {
  const target = join(folder, "node_modules", name);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(repository, "node_modules", name), target);
}
