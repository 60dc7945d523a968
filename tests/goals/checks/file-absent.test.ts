import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileAbsent } from "../../../src/goals/checks/file-absent.js";
import { fileLacks } from "../../../src/goals/checks/file-lacks.js";
import { checkOnce, workspaceWith } from "../../support/once.js";

test("file_absent passes where nothing has the name, be it a file, a folder or a link that leads nowhere", async (t) => {
  const workspace = await workspaceWith(t, { "a.txt": "" });
  await mkdir(join(workspace.root, "folder"));
  await symlink("missing", join(workspace.root, "dangling"));
  await symlink("/etc/passwd", join(workspace.root, "outside"));
  assert.deepEqual(await checkOnce(fileAbsent, "b.txt", workspace), {
    ok: true,
    found: "file_absent b.txt: nothing is there",
  });
  for (const name of ["a.txt", "folder", "dangling", "outside", "../ws", ".env"])
    assert.equal((await checkOnce(fileAbsent, name, workspace)).ok, false, name);
});

test("file_lacks passes where the file is there without the pattern", async (t) => {
  const workspace = await workspaceWith(t, { "a.txt": "one\ntwo\n" });
  const lacks = (pattern: string, file = "a.txt") => checkOnce(fileLacks, { file, pattern }, workspace);
  assert.equal((await lacks("^three$")).ok, true);
  assert.match((await lacks("^two$")).found, /the pattern was found in the file/);
  assert.match((await lacks("x", "b.txt")).found, /file not found/);
});
