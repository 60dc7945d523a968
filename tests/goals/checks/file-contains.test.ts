import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileContains } from "../../../src/goals/checks/file-contains.js";
import { searchPattern } from "../../../src/goals/search-pattern.js";
import { checkOnce, workspaceWith } from "../../support/once.js";

test("file_contains passes where the file has the pattern", async (t) => {
  const workspace = await workspaceWith(t, { "report.md": "# Report\n\n## Sources\n" });
  await mkdir(join(workspace.root, "folder"));
  const contains = (pattern: string, file = "report.md") => checkOnce(fileContains, { file, pattern }, workspace);
  assert.deepEqual(await contains("## Sources"), {
    ok: true,
    found: "file_contains report.md /## Sources/: found",
  });
  assert.deepEqual(await contains("## Thanks"), {
    ok: false,
    found: "file_contains report.md /## Thanks/: the pattern was not found in the file (21 characters)",
  });
  assert.deepEqual(await contains("x", "missing.md"), {
    ok: false,
    found: "file_contains missing.md /x/: file not found",
  });
  assert.deepEqual(await contains("x", "folder"), {
    ok: false,
    found: 'file_contains folder /x/: "folder" is a folder, not a file. Name a file.',
  });
});

test("patterns see lines, Unicode and files in other encodings", async (t) => {
  const workspace = await workspaceWith(t, { "report.md": "one\r\n中文 😀 two\r\n" });
  await writeFile(join(workspace.root, "utf16.txt"), Buffer.from("\ufeffhello 中文", "utf16le"));
  const ok = async (pattern: string, file = "report.md"): Promise<boolean> =>
    (await checkOnce(fileContains, { file, pattern }, workspace)).ok;
  assert.ok(await ok("^one$"));
  assert.ok(await ok("^\\p{Script=Han}+ . two$"), "a dot takes a whole emoji");
  assert.ok(await ok("\\t\\e|on\\e"), "a pattern that is none with the u flag is taken without it");
  assert.ok(await ok("^hello 中文$", "utf16.txt"));
  assert.ok(!(await ok("^two")));
});

test("a pattern that would take for ever is given up, and the run goes on", async (t) => {
  assert.equal(
    await searchPattern(`${"a".repeat(60)}!`, "^(a+)+$", { of: () => 200, met: () => undefined }),
    "too-slow",
  );
  assert.equal(await searchPattern("aaa", "^(a+)+$"), "found");
  const workspace = await workspaceWith(t, { "report.md": `${"a".repeat(60)}!` });
  const begin = performance.now();
  const { ok, found } = await checkOnce(fileContains, { file: "report.md", pattern: "^(a+)+$" }, workspace);
  assert.equal(ok, false);
  assert.match(found, /takes too long/);
  assert.ok(performance.now() - begin < 30_000);
});
