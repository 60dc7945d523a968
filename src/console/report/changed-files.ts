import { counted } from "../../base/text.js";
import type { ChangedFiles } from "../../history/event-parts.js";

/** How many lines a file has more, and how many are gone. */
export type LineCounts = ReadonlyMap<string, { added: number; removed: number }>;

/** A file that a run changed: what became of it, and in a few signs how many lines; "" where that is not known. */
export type FileLine = { fate: "created" | "changed" | "deleted"; file: string; lines: string };

/** Every listed file, those that are new first. */
export function fileLines({ created, changed, deleted }: ChangedFiles, counts: LineCounts): FileLine[] {
  const of = (fate: FileLine["fate"], files: readonly string[]): FileLine[] =>
    files.map((file) => ({ fate, file, lines: countText(counts.get(file)) }));
  return [...of("created", created), ...of("changed", changed), ...of("deleted", deleted)];
}

/** `+12 −3`; a side that is 0 is left out. */
function countText(count: { added: number; removed: number } | undefined): string {
  if (count === undefined) return "";
  const { added, removed } = count;
  const shown = [added > 0 ? `+${added}` : "", removed > 0 ? `−${removed}` : ""].filter((side) => side !== "");
  return shown.length === 0 ? "" : `${shown.join(" ")} ${added + removed === 1 ? "line" : "lines"}`;
}

/** What is not listed, in words; null where all of it is. */
export const othersText = ({ more }: ChangedFiles): string | null =>
  more === undefined ? null : `and ${counted(more, "other file")}`;

/** All of that in lines, each with what became of the file. */
export function changedFileLines(files: ChangedFiles): string[] {
  const others = othersText(files);
  const lines = fileLines(files, new Map()).map(({ fate, file }) => `${fate.padEnd(7)}  ${file}`);
  return others === null ? lines : [...lines, others];
}
