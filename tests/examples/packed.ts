import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { repository, temporaryFolder } from "../support/program.js";
import type { Surroundings } from "../support/services/services.js";

const execute = promisify(execFile);

/**
 * A folder in which the packed program is installed, with copies of its examples. What it depends on is linked from the
 * repository, so that no network is needed.
 */
export async function installedPackage(t: Pick<Surroundings, "after">): Promise<string> {
  const folder = await temporaryFolder(t);
  // dist/ is fresh: the test run has built it. Declarations take long, and are made where a test needs them.
  const pack = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const { stdout } = await execute("npm", pack, { cwd: repository, env: { ...process.env, npm_config_cache: folder } });
  const installed = join(folder, "node_modules", "autogpt");
  mkdirSync(installed, { recursive: true });
  await execute("tar", ["-xzf", join(folder, stdout.trim()), "-C", installed, "--strip-components=1"]);
  const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) link(folder, name);
  cpSync(join(installed, "examples"), folder, { recursive: true });
  return folder;
}

/** Makes a package of the repository one of the folder's as well. */
export function link(folder: string, name: string): void {
  const target = join(folder, "node_modules", name);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(repository, "node_modules", name), target);
}
