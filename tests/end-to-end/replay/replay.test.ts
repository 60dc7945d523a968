import assert from "node:assert/strict";
import { once } from "node:events";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { long, repository, runProgram } from "../../support/program.js";
import { contentsOf } from "../support/folder-contents.js";
import type { World } from "../support/scripted-world.js";
import { recordedRuns } from "./recorded-runs.js";

type Found = {
  identical: boolean;
  requests: number;
  same: number;
  sessions: number;
  notAsThen: string[];
  difference?: { step: number; place: string };
};

/** Replays the last run in this process, in which no socket can be opened. */
async function replayed(
  t: TestContext,
  world: World,
  args: readonly string[] = [],
): Promise<{ code: number | null; found: Found }> {
  const connects = t.mock.method(Socket.prototype, "connect", () => {
    throw new Error("A replay opened a connection.");
  });
  try {
    const { code, stdout, stderr } = await world.run(["replay", "last", "--json", ...args]);
    assert.equal(connects.mock.callCount(), 0, "a connection was opened");
    assert.notEqual(stdout, "", stderr);
    return { code, found: JSON.parse(stdout) as Found };
  } finally {
    connects.mock.restore();
  }
}

for (const { name, record } of long ? recordedRuns : recordedRuns.slice(0, 5))
  test(`a replay makes the same requests, with no network and no change outside its copy: ${name}`, async (t) => {
    const world = await record(t);
    const before = contentsOf(world.folder);
    const { code, found } = await replayed(t, world);
    assert.equal(code, 0, JSON.stringify(found));
    assert.equal(found.identical, true);
    assert.ok(found.requests > 0);
    assert.deepEqual([found.same, found.notAsThen], [found.requests, []]);
    assert.deepEqual(contentsOf(world.folder), before);
  });
