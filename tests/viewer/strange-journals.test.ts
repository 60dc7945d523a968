import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createRunList } from "../../src/viewer/server/list-runs.js";
import { followRun } from "../../src/viewer/run/follow-run.js";
import { folderPlace } from "../../src/viewer/run/run-place.js";
import type { Update } from "../../src/viewer/shapes.js";
import { long, temporaryFolder } from "../support/program.js";
import { makeJournal } from "./made-journal.js";

const run = "20261128-000000-000-abcd";
const words = { state: (state: string) => state, sentence: (reason: string) => reason };

type Fields = Record<string, unknown>;

/** The event without each of its fields in turn, and with something else in it. */
function* strangeOnes(event: Fields): Generator<Fields> {
  for (const name of Object.keys(event)) {
    if (name === "type" || name === "time") continue;
    const { [name]: value, ...rest } = event;
    yield rest;
    for (const other of long ? [null, 7, "text", [], {}, [null]] : [null])
      if (typeof other !== typeof value) yield { ...rest, [name]: other };
  }
}

test("a journal whose events lack a field, or have something else in it, is shown as far as it can be: nothing fails", async (t) => {
  const home = join(await temporaryFolder(t), ".autogpt");
  await makeJournal(home, { run, steps: 2, parked: true });
  const journal = join(home, "runs", run, "events.jsonl");
  const events = (await readFile(journal, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line): Fields => ({ ...(JSON.parse(line) as Fields), sum: undefined }));
  let tried = 0;
  for (const [at, event] of events.entries())
    for (const strange of strangeOnes(event)) {
      await writeFile(
        journal,
        `${events
          .with(at, strange)
          .map((one) => JSON.stringify(one))
          .join("\n")}\n`,
      );
      const followed = followRun(folderPlace(home, run), words);
      await followed.look();
      const heard: Update[] = [];
      followed.watch((update) => void heard.push(update))();
      assert.ok(heard.some(({ kind }) => kind === "ready"));
      assert.equal((await createRunList([home], words)()).length, 1);
      tried += 1;
    }
  assert.ok(tried > 150, String(tried));
});
