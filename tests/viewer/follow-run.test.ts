import assert from "node:assert/strict";
import { appendFile, mkdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { followRun } from "../../src/viewer/run/follow-run.js";
import { folderPlace } from "../../src/viewer/run/run-place.js";
import { createDetails } from "../../src/viewer/run/step-detail.js";
import { glanceAt } from "../../src/viewer/run/glance.js";
import type { Overview, StepRow, Update } from "../../src/viewer/shapes.js";
import { lineWithSum } from "../../src/storage/line-sum.js";
import { temporaryFolder } from "../support/program.js";
import { makeJournal, type MadeOptions } from "./made-journal.js";

const run = "20261128-000000-000-abcd";
const words = { state: (state: string) => state, sentence: (reason: string) => reason };

async function made(t: TestContext, options: Omit<MadeOptions, "run">) {
  const home = join(await temporaryFolder(t), ".autogpt");
  await makeJournal(home, { run, ...options });
  return { home, file: join(home, "runs", run, "events.jsonl") };
}

/** Follows a run; `until` resolves once what was heard fits. */
function heardOf(t: TestContext, home: string) {
  const updates: Update[] = [];
  let heard = (): void => undefined;
  const followed = followRun(folderPlace(home, run), words);
  t.after(
    followed.watch((update) => {
      updates.push(update);
      heard();
    }),
  );
  const until = async (fits: () => boolean): Promise<void> => {
    while (!fits()) await new Promise<void>((resolve) => (heard = resolve));
  };
  return { updates, until, followed };
}

const overviews = (updates: readonly Update[]): Overview[] =>
  updates.flatMap((update) => (update.kind === "overview" ? [update.overview] : []));
const rowsIn = (updates: readonly Update[]): StepRow[] =>
  updates.flatMap((update) => (update.kind === "rows" ? update.rows : []));
const isReady = (updates: readonly Update[]) => (): boolean => updates.some(({ kind }) => kind === "ready");

test("what the end of a long journal says comes first, and is what all of it says", async (t) => {
  const { home, file } = await made(t, { steps: 500 });
  assert.ok((await stat(file)).size > 2 << 20);
  const { updates, until } = heardOf(t, home);
  await until(isReady(updates));
  const early = overviews(updates)[0];
  const last = overviews(updates).at(-1);
  assert.ok(early && last);
  assert.deepEqual([early.reading, last.reading], [0, null]);
  const said = ({ goals, state, totals, limits, steps, durationMs, answer }: Overview) => ({
    ...{ goals, state, totals, limits, steps, durationMs, answer },
  });
  assert.deepEqual(said(early), said(last));
  assert.equal(early.money.settledUsd, last.money.settledUsd);
  const firstRows = updates.find((update) => update.kind === "rows");
  assert.ok(firstRows?.kind === "rows" && (firstRows.rows[0]?.step ?? 0) > 400 && firstRows.rows.at(-1)?.step === 500);
  const known = new Map<number, StepRow>();
  for (const row of rowsIn(updates)) {
    const before = known.get(row.step);
    if (before !== undefined) assert.deepEqual(row, before, "a row of the end is what all of the journal makes of it");
    known.set(row.step, row);
  }
  assert.deepEqual([...known.keys()].sort((one, other) => one - other).length, 500);
});

test("a glance tells of a run that goes on what it has spent so far and what it waits for", async (t) => {
  const { file } = await made(t, { steps: 300, parked: true });
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  await writeFile(file, `${lines.slice(0, -1).join("\n")}\n`);
  const overview = (await glanceAt(file)).overview(false, words);
  assert.ok(overview);
  assert.deepEqual([overview.steps, overview.reading, overview.question?.kind], [300, 0, "parked"]);
  assert.ok(Math.abs(overview.money.settledUsd - 300 * 0.0004) < 1e-9);
});

test("a step longer than what is read at once is read whole", async (t) => {
  const { home, file } = await made(t, {
    steps: 3,
    text: (step) => `${step} ${"x".repeat(step === 3 ? 1_200_000 : 5)}`,
  });
  assert.equal((await glanceAt(file)).overview(false, words)?.state, "task-complete");
  const { updates, until, followed } = heardOf(t, home);
  await until(isReady(updates));
  assert.equal(followed.rows().length, 3);
  assert.ok((await followed.eventsOf({ step: 3 })).some(({ type }) => type === "step-end"));
});

test("of a text that no browser would bear a step shows the beginning, and says so", async (t) => {
  const { home, file } = await made(t, { steps: 1 });
  const result = { ok: true, text: "x".repeat(2_000_100) };
  await appendFile(
    file,
    `${JSON.stringify({ seq: 99, time: "2026-11-28T00:00:09.000Z", type: "step-end", step: 1, result })}\n`,
  );
  const followed = followRun(folderPlace(home, run), words);
  await followed.look();
  const { events } = await createDetails((step) => followed.eventsOf({ step }), { home, run })(1);
  const last = events.at(-1);
  assert.ok(last?.type === "step-end" && last.result.text.length < 2_000_100);
  assert.match(last.result.text.slice(-100), /the first 2000000 of 2000100 characters; the journal has all of them/);
});

test("a journal that loses its end, is replaced, damaged or deleted while it is looked at is shown as it is, with what is wrong", async (t) => {
  const { home, file } = await made(t, { steps: 5 });
  const { updates, until } = heardOf(t, home);
  await until(isReady(updates));
  const lines = (await readFile(file, "utf8")).split("\n");
  const problems = (): readonly string[] => overviews(updates).at(-1)?.problems ?? [];
  const began = (): number => updates.filter(({ kind }) => kind === "anew").length;

  await truncate(file, lines.slice(0, 20).join("\n").length + 1);
  await until(() => began() === 1 && overviews(updates).at(-1)?.state === "killed");

  await writeFile(`${file}.new`, lines.join("\n"));
  await rename(`${file}.new`, file);
  await until(() => began() === 2 && overviews(updates).at(-1)?.state === "task-complete");

  await appendFile(
    file,
    `{"half\n${lineWithSum({ seq: 1, type: "of-another-build", time: "2026-11-28T00:00:00.000Z" })}\n`,
  );
  await until(() => problems().some((problem) => /^Line \d+ of the journal/.test(problem)));

  await rm(dirname(file), { recursive: true });
  await until(() => problems().some((problem) => problem.includes("is gone")));

  await mkdir(dirname(file));
  await writeFile(file, lines.join("\n"));
  await until(() => began() === 3 && problems().length === 0);
});

test("a journal without a beginning says what is wrong with it", async (t) => {
  const { home, file } = await made(t, { steps: 2 });
  const lines = (await readFile(file, "utf8")).split("\n");
  await writeFile(file, ["}{", ...lines.slice(1)].join("\n"));
  const { updates, until } = heardOf(t, home);
  await until(isReady(updates));
  const ready = updates.find((update) => update.kind === "ready");
  assert.deepEqual(overviews(updates), []);
  assert.deepEqual(ready?.kind === "ready" && ready.problems, ["Line 1 of the journal is not as it was written."]);
});
