import { readFileSync } from "node:fs";

/** What package.json says of the program: its version, and where faults are reported. */
export type PackageFacts = { version: string; bugs: string };

/** Reads package.json, which lies one folder above this file in the sources, and above the bundle as well. */
export function packageFacts(): PackageFacts {
  const file = new URL("../package.json", import.meta.url);
  const { version, bugs } = JSON.parse(readFileSync(file, "utf8")) as { version: string; bugs?: { url?: string } };
  return { version, bugs: bugs?.url ?? "" };
}
