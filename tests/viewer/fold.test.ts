import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseRows, foldRepeats, withGap, type Item } from "../../src/viewer/page/steps/fold.js";
import { emptyRow } from "../../src/viewer/run/step-rows.js";
import type { StepRow } from "../../src/viewer/shapes.js";

const row = (step: number, same: string, more: Partial<StepRow> = {}): StepRow => ({
  ...{ ...emptyRow(step, 0), same, command: same, state: "ran", ok: true },
  ...more,
});
const rowsOf = (text: string): StepRow[] => [...text].map((same, index) => row(index + 1, same));

const sameOf = (item: Item): string => (item.kind === "step" ? item.row.same : "…");

/** As `a (bc)×3 d`. */
const folded = (text: string, unfolded: readonly number[] = []): string =>
  foldRepeats(rowsOf(text), new Set(unfolded))
    .map((item) =>
      item.kind !== "fold"
        ? sameOf(item)
        : `(${item.rows
            .slice(0, item.period)
            .map(({ same }) => same)
            .join("")})×${item.rows.length / item.period}`,
    )
    .join(" ");

test("what comes three times in a row is one line, also where several steps take turns; what was unfolded is shown", () => {
  assert.equal(folded("aab"), "a a b");
  assert.equal(folded("xaaaby"), "x (a)×3 b y");
  assert.equal(folded("xababababz"), "x (ab)×4 z");
  assert.equal(folded("abcabcabcd"), "(abc)×3 d");
  assert.equal(folded("aaaabbbb"), "(a)×4 (b)×4");
  assert.equal(folded("xaaaby", [2]), "x a a a b y");
});

test("every step stands in exactly one line, in its order", () => {
  for (let seed = 1; seed < 200; seed += 1) {
    const text = Array.from(
      { length: 60 },
      (_none, index) => "abc"[((seed * (index + 7) * 2654435761) >>> 7) % 3],
    ).join("");
    const steps = foldRepeats(rowsOf(text), new Set()).flatMap((item) =>
      item.kind === "step" ? [item.row] : item.kind === "fold" ? item.rows : [],
    );
    assert.deepEqual(
      steps.map(({ step }) => step),
      Array.from({ length: 60 }, (_none, index) => index + 1),
    );
  }
});

test("steps that have not been read yet are a line of their own", () => {
  const rows = [...rowsOf("abc"), ...rowsOf("defg").map((one) => ({ ...one, step: one.step + 20 }))];
  const gap = { kind: "gap", first: 4, last: 20 } as const;
  assert.deepEqual(withGap(foldRepeats(rows, new Set()), rows)[3], gap);
  assert.deepEqual(withGap([], rows), [gap]);
  assert.deepEqual(withGap([], rowsOf("abc")), []);
});

test("steps are chosen by kind and by words, and by what the whole journal holds", () => {
  const rows = [
    row(1, "read", { thought: "Look into It" }),
    row(2, "write", { ok: false }),
    row(3, "ask", { retries: 1 }),
  ];
  const steps = (given: Parameters<typeof chooseRows>[1]): number[] => chooseRows(rows, given).map(({ step }) => step);
  assert.deepEqual(steps({ filter: "all", text: "", found: null }), [1, 2, 3]);
  assert.deepEqual(steps({ filter: "errors", text: "", found: null }), [2]);
  assert.deepEqual(steps({ filter: "waste", text: "", found: null }), [3]);
  assert.deepEqual(steps({ filter: "all", text: "it look", found: null }), [1]);
  assert.deepEqual(steps({ filter: "all", text: "far away", found: new Set([2]) }), [2]);
});
