import type { StepRow } from "../../shapes.js";

/** What a line of the list is: a step; several that repeat themselves, `period` in turn; or steps that have not been read yet. */
export type Item =
  | { kind: "step"; row: StepRow }
  | { kind: "fold"; rows: readonly StepRow[]; period: number }
  | { kind: "gap"; first: number; last: number };

export const firstStepOf = (item: Item): number =>
  item.kind === "step" ? item.row.step : item.kind === "gap" ? item.first : (item.rows[0]?.step ?? 0);

/** So often something has to come in a row before it is folded; so many steps may take turns. */
const fewest = 3;
const longestPeriod = 4;

/** Folds steps that do the same with the same result, but for those that were `unfolded` by the number of their first step. */
export function foldRepeats(rows: readonly StepRow[], unfolded: ReadonlySet<number>): Item[] {
  const items: Item[] = [];
  for (let at = 0; at < rows.length;) {
    const { length, period } = repeatAt(rows, at);
    const first = rows[at] as StepRow;
    if (length === 0 || unfolded.has(first.step)) {
      const end = Math.max(at + 1, at + length);
      for (; at < end; at += 1) items.push({ kind: "step", row: rows[at] as StepRow });
    } else {
      items.push({ kind: "fold", rows: rows.slice(at, at + length), period });
      at += length;
    }
  }
  return items;
}

/** The same with a line for the steps that are missing from these rows, where some are. */
export function withGap(items: Item[], rows: readonly StepRow[]): Item[] {
  const at = rows.findIndex(({ step }, index) => step !== index + 1);
  const behind = rows[at];
  if (behind === undefined) return items;
  const place = items.findIndex((item) => firstStepOf(item) >= behind.step);
  const before = place === -1 ? items : items.slice(0, place);
  return [...before, { kind: "gap", first: at + 1, last: behind.step - 1 }, ...items.slice(before.length)];
}

function repeatAt(rows: readonly StepRow[], at: number): { length: number; period: number } {
  for (let period = 1; period <= longestPeriod; period += 1) {
    let end = at + period;
    while (end < rows.length && isSame(rows[end], rows[end - period])) end += 1;
    const times = Math.floor((end - at) / period);
    if (times >= fewest) return { length: times * period, period };
  }
  return { length: 0, period: 0 };
}

const isSame = (one: StepRow | undefined, other: StepRow | undefined): boolean =>
  one !== undefined && one.same !== "" && one.same === other?.same;

/** Which steps are shown. */
export type Filter = "all" | "errors" | "refused" | "files" | "waste" | "memories";

const fits: Readonly<Record<Filter, (row: StepRow) => boolean>> = {
  all: () => true,
  errors: ({ ok, state }) => ok === false || state === "not-understood" || state === "not-runnable",
  refused: ({ state }) => state === "refused" || state === "feedback" || state === "waiting",
  files: ({ files }) => files > 0,
  waste: ({ retries }) => retries > 0,
  memories: ({ memories }) => memories > 0,
};

/** The steps of this kind in which every word of the text stands, or that were `found` in the whole journal. */
export function chooseRows(
  rows: readonly StepRow[],
  { filter, text, found }: { filter: Filter; text: string; found: ReadonlySet<number> | null },
): readonly StepRow[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (filter === "all" && words.length === 0) return rows;
  return rows.filter((row) => {
    if (!fits[filter](row)) return false;
    if (words.length === 0 || found?.has(row.step) === true) return true;
    const whole = `${row.step} ${row.command ?? ""} ${row.brief} ${row.thought} ${row.result}`.toLowerCase();
    return words.every((word) => whole.includes(word));
  });
}
