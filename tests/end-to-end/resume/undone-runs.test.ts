import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runNames } from "../../../src/history/runs.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { scriptedWorld } from "../support/scripted-world.js";

const done = reply("task_complete", { reason: "Done." });
const write = (file: string): string => reply("write_to_file", { file, text: "x" });

test("runs, compare and the report of a run say that its steps are undone, until they are put back", async (t) => {
  const world = await scriptedWorld(t, [write("a.txt"), done, write("b.txt"), done]);
  for (let run = 0; run < 2; run += 1) assert.equal((await world.run(["-c"])).code, 0);
  const home = join(world.folder, ".autogpt");
  const [first = "", second = ""] = runNames(home).sort();
  const report = (): Promise<string> => readFile(join(home, "runs", second, "report.md"), "utf8");
  const said = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await world.run(args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const facts = async (): Promise<(number | null)[]> => {
    const { runs } = JSON.parse(await said("compare", first, second, "--json")) as {
      runs: { undoneAfter: number | null }[];
    };
    return runs.map(({ undoneAfter }) => undoneAfter);
  };
  const listed = async (): Promise<(number | null)[]> =>
    (JSON.parse(await said("runs", "--json")) as { undoneAfter: number | null }[]).map(
      ({ undoneAfter }) => undoneAfter,
    );
  assert.doesNotMatch((await said("runs")) + (await said("compare", first, second)) + (await report()), /undone/i);
  await said("undo");
  assert.equal((await said("runs")).match(/, undone/g)?.length, 1);
  assert.match(await said("compare", first, second), /undone +the workspace is as it was before the first step/);
  assert.deepEqual(
    [await facts(), await listed()],
    [
      [null, 0],
      [null, 0],
    ],
  );
  assert.match(await report(), /^Undone: the workspace is as it was before the first step\.$/m);
  await said("undo");
  assert.doesNotMatch(await said("runs"), /undone/);
  assert.deepEqual(
    [await facts(), await listed()],
    [
      [null, null],
      [null, null],
    ],
  );
  assert.doesNotMatch(await report(), /Undone/);
});
