import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import picomatch from "picomatch";
import { long, repository, temporaryFolder } from "../support/program.js";
import type { Surroundings } from "../support/services/services.js";

const execute = promisify(execFile);

/**
 * A folder in which the packed program is installed, with copies of its examples; in `npm test` it is not really packed. What it depends on is linked from the
 * repository, so that no network is needed.
 */
export async function installedPackage(t: Pick<Surroundings, "after">): Promise<string> {
  const folder = await temporaryFolder(t);
  const installed = join(folder, "node_modules", "autogpt");
  mkdirSync(installed, { recursive: true });
  await (long ? packAndUnpack(folder, installed) : copyWhatIsPacked(installed));
  const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) link(folder, name);
  cpSync(join(installed, "examples"), folder, { recursive: true });
  return folder;
}

async function packAndUnpack(folder: string, installed: string): Promise<void> {
  // dist/ is fresh: the test run has built it. Declarations take long, and are made where a test needs them.
  const pack = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await execute("npm", pack, { cwd: repository, env: { ...process.env, npm_config_cache: folder } });
  await execute("tar", ["-xzf", join(folder, stdout.trim()), "-C", installed, "--strip-components=1"]);
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
