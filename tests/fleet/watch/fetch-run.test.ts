import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { SettingsError } from "../../../src/errors.js";
import { fetchRun } from "../../../src/fleet/watch/fetch-run.js";
import { UnusableRunError } from "../../../src/fleet/folder/lay-out.js";
import { makeRunFolder } from "../../../src/fleet/worker/run-folder.js";
import type { StoredRun } from "../../../src/fleet/store/run-store.js";
import { temporaryFolder } from "../../support/program.js";

test("a link in the place of what a run's journal lies in is refused, and nothing is written where it leads", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "elsewhere"));
  for (const path of ["home", "home/runs", "workspace"]) {
    const stored: StoredRun = {
      ...{ epoch: 1, contents: new Set(), lines: ['{"seq":1}'] },
      status: { state: "ended", since: "2026-11-30T00:00:00.000Z", steps: 0, costUsd: 0, kills: 0 },
      order: { settings: "", begin: [], resume: [], after: [], priority: 100, tags: [] },
      files: new Map([[path, { kind: "link", target: join(folder, "elsewhere") }]]),
    };
    const store = { place: "here", read: () => Promise.resolve(stored), contents: () => Promise.resolve([]) };
    await assert.rejects(fetchRun(store, "run", join(folder, "run")), UnusableRunError, path);
    await assert.rejects(makeRunFolder(join(folder, "worker"), "run", stored, store), UnusableRunError, path);
    assert.deepEqual(await readdir(join(folder, "elsewhere")), []);
  }
});

test("a run whose files cannot be written here is told as that, and leaves nothing behind", async (t) => {
  const folder = await temporaryFolder(t);
  const stored: StoredRun = {
    ...{ epoch: 1, contents: new Set(), lines: [] },
    status: { state: "ended", since: "2026-11-30T00:00:00.000Z", steps: 0, costUsd: 0, kills: 0 },
    order: { settings: "", begin: [], resume: [], after: [], priority: 100, tags: [] },
    files: new Map([[`workspace/${"x".repeat(300)}`, { kind: "folder", mode: 0o755 }]]),
  };
  const store = { place: "here", read: () => Promise.resolve(stored), contents: () => Promise.resolve([]) };
  await assert.rejects(
    fetchRun(store, "run", join(folder, "run")),
    (thrown) => thrown instanceof SettingsError && /run cannot be made: ENAMETOOLONG/.test(thrown.message),
  );
  assert.deepEqual(await readdir(folder), []);
});
