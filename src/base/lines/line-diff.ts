import type { StructuredPatchHunk } from "diff";

/**
 * How many lines may go and come where two texts are compared closely: that takes about half a second. A limit of time would give
 * another result on a busy machine; that one is for lines so long that each takes its time.
 */
const mostEdits = 2_500;
const longestMs = 5_000;

/**
 * What differs between two texts, line by line, as the hunks of a unified diff. Where a close comparison would take too long, all from
 * the first to the last line that differs goes and comes.
 */
export async function lineDiff(before: string, after: string, context: number): Promise<StructuredPatchHunk[]> {
  const { structuredPatch } = await import("diff");
  return (
    structuredPatch("", "", before, after, "", "", { context, maxEditLength: mostEdits, timeout: longestMs })?.hunks ??
    coarse(linesOf(before), linesOf(after), context)
  );
}

/** The same with the lines that name both texts, as `patch` and `git apply` read it; "" where nothing differs. */
export async function unifiedDiff(
  names: readonly [old: string, now: string],
  before: string,
  after: string,
  context: number,
): Promise<string> {
  const hunks = await lineDiff(before, after, context);
  if (hunks.length === 0) return "";
  const { formatPatch, FILE_HEADERS_ONLY } = await import("diff");
  const [oldFileName, newFileName] = names;
  return formatPatch(
    { oldFileName, newFileName, oldHeader: undefined, newHeader: undefined, hunks },
    FILE_HEADERS_ONLY,
  );
}

/** Lines with their ends. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function coarse(old: readonly string[], now: readonly string[], context: number): StructuredPatchHunk[] {
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < shorter - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const [first, after] = [Math.max(0, start - context), Math.min(end, context)];
  const lines = [
    ...old.slice(first, start).map((line) => ` ${line}`),
    ...old.slice(start, old.length - end).map((line) => `-${line}`),
    ...now.slice(start, now.length - end).map((line) => `+${line}`),
    ...old.slice(old.length - end, old.length - end + after).map((line) => ` ${line}`),
  ];
  return [
    {
      oldStart: first + 1,
      oldLines: old.length - end + after - first,
      newStart: first + 1,
      newLines: now.length - end + after - first,
      lines: lines.flatMap((line) =>
        line.endsWith("\n") ? [line.slice(0, -1)] : [line, "\\ No newline at end of file"],
      ),
    },
  ];
}
