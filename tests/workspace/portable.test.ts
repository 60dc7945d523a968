import assert from "node:assert/strict";
import { mkdir, readFile, readdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Boundary } from "../../src/workspace/boundary.js";
import { appendFile } from "../../src/workspace/append/append-file.js";
import { deleteFile, writeFile as writeInside } from "../../src/workspace/change-file.js";
import { listFiles } from "../../src/workspace/list-files.js";
import { readFile as readInside } from "../../src/workspace/read-file.js";
import { protectionWith } from "../../src/protection/protection.js";
import { temporaryFolder } from "../support/program.js";

test("where open folders cannot be followed, real paths keep to the same rules", async (t) => {
  const folder = await realpath(await temporaryFolder(t));
  const [root, outside, temporaryDirectory] = ["ws", "outside", "temporary"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [root, outside, temporaryDirectory]) await mkdir(path);
  await writeFile(join(outside, "secret.txt"), "secret");
  const boundary: Boundary = {
    root,
    alias: root,
    forbidden: [temporaryDirectory],
    program: [],
    temporaryDirectory,
    protection: protectionWith(),
    descriptors: false,
  };

  assert.deepEqual(await writeInside(boundary, "a/b/c.txt", "one"), { changed: true });
  assert.deepEqual(await writeInside(boundary, "a/b/c.txt", "one"), { changed: false });
  await appendFile(boundary, "a/b/../b/c.txt", "!");
  await symlink("a/b", join(root, "inside"));
  assert.equal((await readInside(boundary, "inside/c.txt", 100)).toString(), "one!");

  await symlink(outside, join(root, "door"));
  await symlink(join(outside, "secret.txt"), join(root, "file"));
  for (const path of ["door/secret.txt", "door/new.txt", "door/sub/new.txt", "file", "../outside/secret.txt"]) {
    await assert.rejects(readInside(boundary, path, 100), { kind: "leads-out" }, path);
    await assert.rejects(writeInside(boundary, path, "x"), { kind: "leads-out" }, path);
    await assert.rejects(deleteFile(boundary, path), { kind: "leads-out" }, path);
  }
  await assert.rejects(writeInside(boundary, "a/b/c.txt/d", "x"), { kind: "not-a-folder" });
  assert.deepEqual(await listFiles(boundary, "", 10), { files: ["a/b/c.txt"], more: 0, unseen: 0 });
  await deleteFile(boundary, "a/b/c.txt");
  assert.deepEqual(await readdir(join(root, "a/b")), []);
  assert.deepEqual(await readdir(outside), ["secret.txt"]);
  assert.equal(await readFile(join(outside, "secret.txt"), "utf8"), "secret");
});
