import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { link, open, readFile, readdir, realpath, stat, truncate, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openWorkspace, type Workspace } from "../../src/workspace/workspace.js";
import { temporaryFolder } from "../support/program.js";
import { sourceLoader } from "../support/source-loader.js";

type Setting = { workspace: Workspace; root: string; temporaryDirectory: string; again(): Promise<Workspace> };

async function setting(t: TestContext): Promise<Setting> {
  const folder = await realpath(await temporaryFolder(t));
  const [root, temporaryDirectory] = [join(folder, "ws"), join(folder, "temporary")];
  const again = () => openWorkspace({ root, forbidden: [], temporaryDirectory });
  return { workspace: await again(), root, temporaryDirectory, again };
}

test("two runs and a program append to one file, new or not, and nothing is lost", async (t) => {
  const { workspace, root, temporaryDirectory } = await setting(t);
  const other = await openWorkspace({ root, forbidden: [], temporaryDirectory: `${temporaryDirectory}-2` });
  const script = "i=0; while [ $i -lt 300 ]; do echo program$i >>log.txt; i=$((i + 1)); done";
  const program = spawn("/bin/sh", ["-c", script], { cwd: root, stdio: "ignore" });
  const ended = once(program, "exit");
  for (let index = 0; index < 100; index += 1) {
    await Promise.all([workspace.append("log.txt", `one${index}\n`), other.append("log.txt", `two${index}\n`)]);
  }
  await ended;
  const lines = (await readFile(join(root, "log.txt"), "utf8")).split("\n").slice(0, -1);
  assert.equal(lines.length, 500);
  assert.equal(new Set(lines).size, 500);
  assert.deepEqual(await readdir(temporaryDirectory), []);
});

test("a new file that several runs append to at the same time gets the text of all", async (t) => {
  const { workspace, root, temporaryDirectory } = await setting(t);
  const other = await openWorkspace({ root, forbidden: [], temporaryDirectory: `${temporaryDirectory}-2` });
  for (let index = 0; index < 50; index += 1) {
    const name = `new${index}.txt`;
    await Promise.all([workspace.append(name, "a"), other.append(name, "b"), workspace.append(name, "c")]);
    const text = await readFile(join(root, name), "utf8");
    assert.equal([...text].sort().join(""), "abc");
  }
});

test("appends in place, however large the file; whoever holds it open sees what was added", async (t) => {
  const { workspace, root } = await setting(t);
  for (const size of [5, 17 * 1024 * 1024]) {
    await writeFile(join(root, "file.bin"), "start");
    await truncate(join(root, "file.bin"), size);
    const reader = await open(join(root, "file.bin"), "r");
    const { ino } = await reader.stat();
    await workspace.append("file.bin", "the end");
    const after = await stat(join(root, "file.bin"));
    assert.deepEqual([after.ino, after.size], [ino, size + 7]);
    const { buffer, bytesRead } = await reader.read(Buffer.alloc(20), 0, 20, size);
    assert.equal(buffer.toString("utf8", 0, bytesRead), "the end");
    await reader.close();
  }
  await assert.rejects(workspace.read("file.bin"), { kind: "too-large" });
});

test("a file with another name elsewhere is replaced and never changed in place, however large", async (t) => {
  const { workspace, root, temporaryDirectory } = await setting(t);
  const other = join(temporaryDirectory, "..", "other.bin");
  for (const size of [5, 17 * 1024 * 1024]) {
    await writeFile(other, "start");
    await truncate(other, size);
    await link(other, join(root, "file.bin"));
    await workspace.append("file.bin", "the end");
    assert.equal((await stat(join(root, "file.bin"))).size, size + 7);
    assert.equal((await stat(other)).size, size);
    await unlink(join(root, "file.bin"));
  }
});

test("an append that the system cuts short leaves nothing of itself", async (t) => {
  const { root, temporaryDirectory } = await setting(t);
  await writeFile(join(root, "log.txt"), "before\n");
  const script = `
    process.on("SIGXFSZ", () => {});
    const { openWorkspace } = await import(${JSON.stringify(new URL("../../src/workspace/workspace.ts", import.meta.url).href)});
    const workspace = await openWorkspace({ root: ${JSON.stringify(root)}, forbidden: [], temporaryDirectory: ${JSON.stringify(temporaryDirectory)} });
    for (const file of ["log.txt", "new.txt"])
      await workspace.append(file, "x".repeat(60_000)).then(() => console.log("appended"), (error) => console.log(error.kind));
  `;
  const place = { cwd: process.cwd(), encoding: "utf8" } as const;
  const limited = [
    "-c",
    'ulimit -f 100; exec "$@"',
    "sh",
    process.execPath,
    "--import",
    sourceLoader,
    "--input-type=module",
  ];
  const said = execFileSync("/bin/sh", [...limited, "-e", script], place);
  assert.equal(said, "disk-full\ndisk-full\n");
  assert.equal(await readFile(join(root, "log.txt"), "utf8"), "before\n");
  assert.deepEqual(await readdir(root), ["log.txt"]);
});

/** What a killed process leaves: the note, and a part of the text. */
async function torn(all: Setting, file: string, before: string | null, part: string | null, text: string) {
  const { workspace, root, temporaryDirectory } = all;
  if (before !== null) await writeFile(join(root, file), before);
  const facts = before === null ? null : await stat(join(root, file));
  const head = { path: file, size: facts?.size ?? null, file: facts && String(facts.ino) };
  const note = `.autogpt-append-${process.pid}-01234567-89ab-cdef-0123-456789abcdef.tmp`;
  await writeFile(join(temporaryDirectory, note), `${JSON.stringify(head)}\n${text}`);
  if (part !== null) await writeFile(join(root, file), part, { flag: "a" });
  await all.again();
  assert.deepEqual(await readdir(temporaryDirectory), []);
  return workspace.stat(file).then(async (entry) => entry && (await workspace.read(file)).toString());
}

test("what a killed process appended in part is gone when the workspace is opened again", async (t) => {
  const all = await setting(t);
  assert.equal(await torn(all, "a.txt", "old\n", "a line of", "a line of text\n"), "old\n");
  assert.equal(await torn(all, "b.txt", "", "a", "a line of text\n"), "");
  assert.equal(await torn(all, "c.txt", null, "a line", "a line of text\n"), null);
  assert.equal(await torn(all, "d.txt", null, "", "a line of text\n"), null);
});

test("what was appended whole, or changed by others since, stays as it is", async (t) => {
  const all = await setting(t);
  const text = "a line of text\n";
  assert.equal(await torn(all, "whole.txt", "old\n", text, text), `old\n${text}`);
  assert.equal(await torn(all, "none.txt", "old\n", "", text), "old\n");
  assert.equal(await torn(all, "behind.txt", "old\n", "a lineother\n", text), "old\na lineother\n");
  assert.equal(await torn(all, "missing.txt", null, null, text), null);
  assert.equal(await torn(all, "new.txt", null, "other\n", text), "other\n");
  await writeFile(join(all.temporaryDirectory, `.autogpt-append-1-01234567-89ab-cdef-0123-456789abcdef.tmp`), "{");
  await all.again();
  assert.deepEqual(await readdir(all.temporaryDirectory), []);
});

test("a note about a file outside, or one with several names, changes nothing there", async (t) => {
  const all = await setting(t);
  const outside = join(all.root, "..", "outside.txt");
  await writeFile(outside, "old\na li");
  const note = `.autogpt-append-1-01234567-89ab-cdef-0123-456789abcdef.tmp`;
  const noted = `{"path":"../outside.txt","size":4,"file":null}\na line\n`;
  await writeFile(join(all.temporaryDirectory, note), noted);
  await all.again();
  await link(outside, join(all.root, "linked.txt"));
  await writeFile(join(all.temporaryDirectory, note), noted.replace("../outside", "linked"));
  await all.again();
  assert.equal(await readFile(outside, "utf8"), "old\na li");
});
