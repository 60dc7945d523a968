import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeTemporaryFolder } from "../../src/base/folders/temporary-folder.js";

test("a temporary folder is its process's own; what killed processes left of the same kind is removed, and nothing else", async (t) => {
  const purpose = `test${randomBytes(4).toString("hex")}`;
  const { pid: gone } = spawnSync(process.execPath, ["--version"]);
  const make = (name: string): string => {
    const folder = join(tmpdir(), name);
    mkdirSync(folder);
    writeFileSync(join(folder, "file"), "");
    t.after(() => rm(folder, { recursive: true, force: true }));
    return folder;
  };
  const left = make(`autogpt-${purpose}-${gone}-aB3dE6`);
  const others = [
    make(`autogpt-${purpose}-${process.pid}-aB3dE6`),
    make(`autogpt-${purpose}-${gone}-of-somebody`),
    make(`autogpt-${purpose}x-${gone}-aB3dE6`),
  ];
  const folder = await makeTemporaryFolder(purpose);
  t.after(() => rm(folder, { recursive: true }));
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.deepEqual([left, ...others].map(existsSync), [false, true, true, true]);
});
