import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { isObject, parseJson } from "../../base/json.js";
import { journalFile } from "../run-log.js";
import { inOrder, runDirectory, runFolders } from "../runs.js";

/** A first line that is longer is not looked at: of the goals of an AI more would have to be read than they have. */
const mostBytes = 1024 * 1024;
const firstBytes = 16 * 1024;

/** The first line of a journal; null where it is no JSON object, and for what is no file. */
export async function firstEvent(file: string): Promise<Record<string, unknown> | null> {
  // To open a pipe would wait for somebody who writes into it.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await handle.stat()).isFile()) return null;
    for (let length = firstBytes; length <= mostBytes; length *= 8) {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await handle.read(bytes, 0, length, 0);
      const end = bytes.subarray(0, bytesRead).indexOf("\n");
      if (end === -1 && bytesRead === length) continue;
      const parsed = end === -1 ? undefined : parseJson(bytes.toString("utf8", 0, end).replace(/^\ufeff/, ""));
      return isObject(parsed) ? parsed : null;
    }
    return null;
  } finally {
    await handle.close();
  }
}

/** The name of the AI of the newest run of this home; null where none can be read. */
export async function lastAi(home: string): Promise<string | null> {
  for (const run of inOrder(runFolders(home)).reverse()) {
    const first = await firstEvent(journalFile(runDirectory(home, run))).catch(() => null);
    const name = first?.["aiName"];
    if (typeof name === "string") return name;
  }
  return null;
}

/** Whether an AI of this name has begun a run in this home, looking at the beginnings of journals alone, the newest first. */
export async function hasRun(home: string, aiName: string): Promise<boolean> {
  for (const run of inOrder(runFolders(home)).reverse()) {
    const first = await firstEvent(journalFile(runDirectory(home, run))).catch(() => null);
    if (first?.["aiName"] === aiName) return true;
  }
  return false;
}
