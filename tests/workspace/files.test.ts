import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { chmod, chown, mkdir, readFile, readdir, realpath, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { protectionWith } from "../../src/protection/protection.js";
import { listFiles } from "../../src/workspace/list-files.js";
import { workspaceErrorFrom, WorkspaceError, type WorkspaceProblem } from "../../src/workspace/workspace-error.js";
import { openWorkspace, type Workspace } from "../../src/workspace/workspace.js";
import { long, temporaryFolder } from "../support/program.js";

type Setting = { workspace: Workspace; root: string; temporaryDirectory: string };

async function setting(t: TestContext): Promise<Setting> {
  const folder = await realpath(await temporaryFolder(t));
  const [root, temporaryDirectory] = [join(folder, "ws"), join(folder, "temporary")];
  return { workspace: await openWorkspace({ root, forbidden: [], temporaryDirectory }), root, temporaryDirectory };
}

const fails =
  (kind: WorkspaceProblem, root: string) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof WorkspaceError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.ok(!error.message.includes("\n"), "one line");
    const paths = error.message.replaceAll(root, "").match(/\/(tmp|proc|var|private)\//);
    assert.equal(paths, null, `${error.message} names no path of the machine`);
    return true;
  };

test("says whether a write changed the file, and keeps the mode of the old one", async (t) => {
  const { workspace, root, temporaryDirectory } = await setting(t);
  assert.deepEqual(await workspace.write("dir/run.sh", "one"), { changed: true });
  await chmod(join(root, "dir/run.sh"), 0o750);
  assert.deepEqual(await workspace.write("dir/run.sh", "one"), { changed: false });
  assert.deepEqual(await workspace.write("dir/run.sh", "two"), { changed: true });
  assert.deepEqual(await workspace.append("dir/run.sh", ""), { changed: false });
  assert.deepEqual(await workspace.append("dir/run.sh", "!"), { changed: true });
  assert.equal((await stat(join(root, "dir/run.sh"))).mode & 0o777, 0o750);
  assert.equal(await readFile(join(root, "dir/run.sh"), "utf8"), "two!");
  assert.deepEqual(await readdir(temporaryDirectory), []);
});

test(
  "a file of another owner keeps its owner when it is written",
  { skip: process.getuid?.() !== 0 && "root only" },
  async (t) => {
    const { workspace, root } = await setting(t);
    await writeFile(join(root, "theirs.txt"), "one");
    await chown(join(root, "theirs.txt"), 1234, 1235);
    await chmod(join(root, "theirs.txt"), 0o640);
    await workspace.write("theirs.txt", "two");
    await workspace.append("theirs.txt", "!");
    const { uid, gid, mode } = await stat(join(root, "theirs.txt"));
    assert.deepEqual([uid, gid, mode & 0o777], [1234, 1235, 0o640]);
  },
);

test("pitfalls 49 and 50: a file can be written, changed, deleted and written again", async (t) => {
  const { workspace, root } = await setting(t);
  await workspace.write("a.txt", "one");
  await workspace.write("a.txt", "two");
  await workspace.delete("a.txt");
  await workspace.write("a.txt", "two");
  assert.equal(await readFile(join(root, "a.txt"), "utf8"), "two");
  await writeFile(join(root, "foreign.txt"), "not ours");
  await workspace.delete("foreign.txt");
  assert.deepEqual(await readdir(root), ["a.txt"]);
});

test("pitfalls 51 and 53: appending makes the file and its folders, and every script survives", async (t) => {
  const { workspace } = await setting(t);
  const text = "zażółć gęślą jaźń · 中文 · 😀👩‍👩‍👧 · tab\tend\r\n";
  assert.deepEqual(await workspace.append("a/b/c.txt", text), { changed: true });
  await workspace.append("a/b/c.txt", text);
  assert.equal((await workspace.read("a/b/c.txt")).toString("utf8"), text + text);
  await workspace.write("文件/😀.txt", text);
  assert.deepEqual((await workspace.list("文件", 9)).files, ["文件/😀.txt"]);
});

test("each hard case is one clear line", async (t) => {
  const { workspace, root } = await setting(t);
  await workspace.write("file.txt", "text");
  await mkdir(join(root, "folder"));
  execFileSync("mkfifo", [join(root, "pipe")]);
  const cases: [string, WorkspaceProblem][] = [
    ["folder", "not-a-file"],
    [".", "not-a-file"],
    ["folder/", "not-a-file"],
    ["pipe", "not-a-file"],
    ["file.txt/inner.txt", "not-a-folder"],
    ["file.txt/a/b.txt", "not-a-folder"],
    ["x".repeat(300), "bad-name"],
    [`${"x".repeat(300)}/a.txt`, "bad-name"],
  ];
  for (const [path, kind] of cases) {
    await assert.rejects(workspace.write(path, "x"), fails(kind, root), `write ${path}`);
    await assert.rejects(workspace.append(path, "x"), fails(kind, root), `append ${path}`);
    if (!path.endsWith("/")) await assert.rejects(workspace.read(path), fails(kind, root), `read ${path}`);
  }
  await assert.rejects(workspace.delete("folder"), fails("not-a-file", root));
  await assert.rejects(workspace.delete("."), fails("not-a-file", root));
  await assert.rejects(workspace.delete("missing"), fails("not-found", root));
  await assert.rejects(workspace.read("missing"), fails("not-found", root));
  await assert.rejects(workspace.read("missing/a.txt"), fails("not-found", root));
  await assert.rejects(workspace.list("missing", 9), fails("not-found", root));
  await assert.rejects(workspace.list("file.txt", 9), fails("not-a-folder", root));
  assert.deepEqual((await readdir(root)).sort(), ["file.txt", "folder", "pipe"]);
});

test("says what is there without reading it", async (t) => {
  const { workspace, root } = await setting(t);
  await workspace.write("dir/a.txt", "12345");
  execFileSync("mkfifo", [join(root, "pipe")]);
  assert.deepEqual(await workspace.stat("dir/../dir/a.txt"), { path: "dir/a.txt", kind: "file", size: 5 });
  assert.deepEqual(await workspace.stat("dir"), { path: "dir", kind: "folder", size: 0 });
  assert.deepEqual(await workspace.stat("."), { path: ".", kind: "folder", size: 0 });
  assert.equal((await workspace.stat("pipe"))?.kind, "other");
  assert.equal(await workspace.stat("missing/a.txt"), null);
  assert.equal(await workspace.stat("dir/a.txt/b"), null);
});

test("lists sorted and bounded, without half-written files", async (t) => {
  const { workspace, root } = await setting(t);
  for (const name of ["b.txt", "a/z.txt", "a.txt", "a/b/c.txt"]) await workspace.write(name, "");
  await writeFile(join(root, ".autogpt-1-01234567-89ab-cdef-0123-456789abcdef.tmp"), "");
  const files = ["a.txt", "a/b/c.txt", "a/z.txt", "b.txt"];
  assert.deepEqual(await workspace.list(".", 10), { files, more: 0, unseen: 0 });
  assert.deepEqual(await workspace.list(".", 3), { files: files.slice(0, 3), more: 1, unseen: 0 });
  assert.deepEqual(await workspace.list("a", 10), { files: ["a/b/c.txt", "a/z.txt"], more: 0, unseen: 0 });
});

test("folders are made 64 levels deep and no deeper, and a listing says what lies below that", async (t) => {
  const { workspace, root } = await setting(t);
  const deepest = Array.from({ length: 64 }, () => "d").join("/");
  await workspace.write(`${deepest}/a.txt`, "");
  await assert.rejects(workspace.write(`${deepest}/e/a.txt`, ""), fails("bad-name", root));
  await symlink(deepest, join(root, "link"));
  await assert.rejects(workspace.append("link/e/a.txt", ""), fails("bad-name", root));

  let below = join(root, deepest);
  for (let level = 0; level < 300; level += 1) below = join(below, "e");
  mkdirSync(below, { recursive: true });
  writeFileSync(join(below, "b.txt"), "");
  assert.deepEqual(await workspace.list(".", 9), { files: [`${deepest}/a.txt`], more: 0, unseen: 1 });
  const further = await workspace.list(join(below, ".."), 9);
  assert.deepEqual([further.files.length, further.unseen], [1, 0]);
});

test("a listing looks into 10,000 folders, and says how many are left", async (t) => {
  const { workspace, root, temporaryDirectory } = await setting(t);
  // Its own limit in the long run: to make so many folders takes longer than to look into them.
  const most = long ? 10_000 : 100;
  for (let index = 0; index < most + 20; index += 1) mkdirSync(join(root, `f${String(index).padStart(5, "0")}`));
  for (const name of ["f00000/a.txt", `f${String(most + 19).padStart(5, "0")}/b.txt`])
    writeFileSync(join(root, name), "");
  const boundary = {
    root,
    alias: root,
    temporaryDirectory,
    forbidden: [],
    program: [],
    descriptors: existsSync("/proc/self/fd"),
  };
  const listed = await (long
    ? workspace.list(".", 9)
    : listFiles({ ...boundary, protection: protectionWith() }, ".", 9, undefined, undefined, {
        files: 200_000,
        folders: most,
      }));
  assert.deepEqual(listed, { files: ["f00000/a.txt"], more: 0, unseen: 21 });
});

test("a listing ends with the reason of its signal", async (t) => {
  const { workspace, root } = await setting(t);
  for (let index = 0; index < 500; index += 1) mkdirSync(join(root, `f${index}`));
  const stop = new AbortController();
  const reason = new Error("interrupted");
  const pending = workspace.list(".", 9, stop.signal);
  setImmediate(() => stop.abort(reason));
  await assert.rejects(pending, reason);
  await assert.rejects(workspace.list(".", 9, stop.signal), reason);
});

test("a temporary folder that is gone does not stop a write, and what dead processes left is removed", async (t) => {
  const { workspace, root, temporaryDirectory } = await setting(t);
  const dead = spawnSync(process.execPath, ["-e", "0"]).pid;
  const own = `.autogpt-${process.pid}-01234567-89ab-cdef-0123-456789abcdef.tmp`;
  await writeFile(join(temporaryDirectory, own.replace(String(process.pid), String(dead))), "");
  await writeFile(join(temporaryDirectory, own), "");
  await openWorkspace({ root, forbidden: [], temporaryDirectory });
  assert.deepEqual(await readdir(temporaryDirectory), [own]);

  execFileSync("rm", ["-r", temporaryDirectory]);
  await workspace.write("a.txt", "text");
  assert.deepEqual(await readdir(root), ["a.txt"]);
});

test("a workspace that was replaced by a link is refused", async (t) => {
  const { workspace, root, temporaryDirectory } = await setting(t);
  execFileSync("mv", [root, `${root}.moved`]);
  await symlink(temporaryDirectory, root);
  await assert.rejects(workspace.write("a.txt", "x"), fails("leads-out", root));
  assert.deepEqual(await readdir(temporaryDirectory), []);
});

test("a full disk is said as such", async () => {
  const full = await writeFile("/dev/full", "x").catch((error: unknown) => error);
  const error = workspaceErrorFrom(full, "a.txt");
  assert.equal(error.kind, "disk-full");
  assert.match(error.message, /^"a\.txt" cannot be used: the disk is full/);
});
