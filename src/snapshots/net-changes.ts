import { isSameEntry, type Change, type Entry } from "./entry.js";
import { historyOf, type SnapshotHistory } from "./history.js";
import { packsDirectory, readSnapshotLog } from "./log.js";
import { openObjects, type Objects } from "./objects.js";

/**
 * What a run changed, or this one step of it, by path: from what was there before the first of the steps to what the last of
 * them left.
 */
export function netChanges({ changes }: Pick<SnapshotHistory, "changes">, only?: number): Change[] {
  const paths = new Map<string, Change>();
  for (const { path, before, after, by, step } of changes) {
    if (by !== "run" || step === 0 || (only !== undefined && step !== only)) continue;
    const first = paths.get(path);
    paths.set(path, { path, before: first === undefined ? before : first.before, after });
  }
  return [...paths.values()]
    .filter(({ before, after }) => !isSameEntry(before, after))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Null where the content is not kept or is damaged; of a link where it leads. */
export async function bytesOf(entry: Entry | null, objects: Pick<Objects, "has" | "get">): Promise<Buffer | null> {
  if (entry?.kind === "link") return Buffer.from(entry.target);
  if (entry?.kind !== "file") return Buffer.alloc(0);
  return entry.hash === null || !objects.has(entry.hash) ? null : objects.get(entry.hash).catch(() => null);
}

export const isBinary = (bytes: Buffer): boolean => bytes.subarray(0, 8000).includes(0);

/** How many lines a file has more, and how many of its lines are gone. */
export type LineCount = { added: number; removed: number };

/** What is counted: so many files, each of so many bytes at most, and none for longer than this. */
const mostFiles = 200;
const mostBytes = 1 << 20;
const longestMs = 200;

/**
 * How many lines a run has added to each file and taken out of it, as far as it is kept; a file that is no text, or too
 * long, is left out. Changes nothing.
 */
export async function changedLineCounts(home: string, run: string): Promise<ReadonlyMap<string, LineCount>> {
  const counts = new Map<string, LineCount>();
  const { lines } = await readSnapshotLog(home, run);
  if (lines.length === 0) return counts;
  const changes = netChanges(historyOf(lines)).filter(isOfFile).slice(0, mostFiles);
  if (changes.length === 0) return counts;
  const objects = await openObjects(packsDirectory(home), run);
  try {
    for (const { path, before, after } of changes) {
      const [old, now] = [await bytesOf(before, objects), await bytesOf(after, objects)];
      const count = old === null || now === null ? null : await countLines(old, now);
      if (count !== null) counts.set(path, count);
    }
  } finally {
    objects.close();
  }
  return counts;
}

const isOfFile = ({ before, after }: Change): boolean =>
  [before, after].every((entry) => entry === null || entry.kind === "file") && sizesFit([before, after]);

const sizesFit = (entries: readonly (Entry | null)[]): boolean =>
  entries.every((entry) => entry?.kind !== "file" || entry.size <= mostBytes);

async function countLines(old: Buffer, now: Buffer): Promise<LineCount | null> {
  if (isBinary(old) || isBinary(now)) return null;
  const [before, after] = [old.toString("utf8"), now.toString("utf8")];
  if (before === "" || after === "") return { added: linesIn(after), removed: linesIn(before) };
  const { diffLines } = await import("diff");
  const parts = diffLines(before, after, { timeout: longestMs });
  if (parts === undefined) return null;
  const sum = (fits: (part: { added: boolean; removed: boolean }) => boolean): number =>
    parts.filter(fits).reduce((count, part) => count + part.count, 0);
  return { added: sum(({ added }) => added), removed: sum(({ removed }) => removed) };
}

/** A text that ends with a line break has no empty line behind it. */
const linesIn = (text: string): number => (text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0));
