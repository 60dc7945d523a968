import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const longestMs = 600_000;

/** Installs packages from npm's registry in a folder of their own below this one, and gives its name; null, and a line that says so, where they cannot be had. */
export function installPeers(folder: string, packages: readonly string[]): string | null {
  const peers = join(folder, "peers");
  mkdirSync(peers, { recursive: true });
  try {
    execFileSync("npm", ["install", "--prefix", peers, "--no-audit", "--no-fund", "--silent", ...packages], {
      stdio: ["ignore", "ignore", "inherit"],
      timeout: longestMs,
    });
    return peers;
  } catch {
    console.log(`Not measured, as they cannot be installed: ${packages.join(", ")}`);
    return null;
  }
}
