import { existsSync, readFileSync } from "node:fs";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { replaceFile } from "../../base/files.js";
import { parseJson } from "../../base/json.js";
import { runsDirectory } from "../runs.js";

/** One that grows beyond this is not read any more at the start of a run. */
const mostBytes = 1 << 20;

/** Folders in which runs are kept, as they are listed in `file`; those that are gone are left out. */
export async function knownHomes(file: string): Promise<string[]> {
  const listed = await listedIn(file);
  return listed.filter((home) => existsSync(runsDirectory(home)));
}

/** Adds a folder to the list. A list that cannot be written does not keep a run from beginning. */
export async function noteHome(file: string, home: string): Promise<void> {
  try {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (text.length > mostBytes || homesIn(text).includes(home)) return;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // One line, in one act: two runs that begin together do not mix theirs.
    await appendFile(file, `${JSON.stringify(home)}\n`, { mode: 0o600 });
  } catch {
    // It is only missing in a list.
  }
}

/** Takes folders that are gone off the list. What is added at the same moment may be lost, and is added again by the next run. */
export async function pruneHomes(file: string): Promise<void> {
  const listed = await listedIn(file);
  const there = listed.filter((home) => existsSync(runsDirectory(home)));
  if (there.length === listed.length) return;
  await replaceFile(file, there.map((home) => `${JSON.stringify(home)}\n`).join("")).catch(() => undefined);
}

const listedIn = async (file: string): Promise<string[]> => homesIn(await readFile(file, "utf8").catch(() => ""));

const homesIn = (text: string): string[] => [
  ...new Set(
    text
      .split("\n")
      .map(parseJson)
      .filter((home) => typeof home === "string"),
  ),
];
