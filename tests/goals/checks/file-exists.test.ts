import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileExists } from "../../../src/goals/checks/file-exists.js";
import { checkOnce, workspaceWith } from "../../support/once.js";

test("file_exists passes for a file, and for nothing else", async (t) => {
  const workspace = await workspaceWith(t, { "report.md": "# Report\n\n## Sources\n" });
  await mkdir(join(workspace.root, "folder"));
  assert.deepEqual(await checkOnce(fileExists, "report.md", workspace), {
    ok: true,
    found: "file_exists report.md: found (21 bytes)",
  });
  assert.deepEqual(await checkOnce(fileExists, "missing.md", workspace), {
    ok: false,
    found: "file_exists missing.md: not found",
  });
  assert.deepEqual(await checkOnce(fileExists, "folder", workspace), {
    ok: false,
    found: "file_exists folder: is a folder, not a file",
  });
});
