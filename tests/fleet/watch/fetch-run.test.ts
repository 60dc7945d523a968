import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { SettingsError } from "../../../src/errors.js";
import { fetchRun } from "../../../src/fleet/watch/fetch-run.js";
import type { StoredRun } from "../../../src/fleet/store/run-store.js";
import { temporaryFolder } from "../../support/program.js";

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
