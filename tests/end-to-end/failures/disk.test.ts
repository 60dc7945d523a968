import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, unlinkSync, writeFileSync, writeSync } from "node:fs";
import { chmod, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { reply, startFakeOpenAi, type Script } from "../../support/services/fake-open-ai.js";
import { eventsOfType, journalOf, lastJournal, temporaryFolder, writeAi, type Ended } from "../../support/program.js";
import { runInProcess } from "../../support/in-process.js";
import { carefulReply, filesAfter, operations } from "../support/file-script.js";
import { contentsOf } from "../support/folder-contents.js";

const isRoot = process.getuid?.() === 0;

/** A new folder in which `name` is a disk of 2 MB; null, and the test skipped, where nothing can be mounted. */
async function folderWithDisk(t: TestContext, name: string): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), "autogpt-disk-"));
  const disk = join(folder, name);
  await mkdir(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], { stdio: "pipe" });
  } catch (thrown) {
    if (isRoot && process.env["CI"]) throw thrown;
    rmSync(folder, { recursive: true, force: true });
    t.skip("needs Linux and root, to mount a small disk");
    return null;
  }
  t.after(() => {
    execFileSync("umount", ["--lazy", disk]);
    rmSync(folder, { recursive: true, force: true });
  });
  await writeAi(folder);
  return folder;
}

/** Uses up the disk to its last byte. */
function fill(file: string): void {
  const descriptor = openSync(file, "w");
  try {
    for (let size = 65_536; size >= 1; size = Math.floor(size / 4)) {
      while (writes(descriptor, size));
    }
  } finally {
    closeSync(descriptor);
  }
}

function writes(descriptor: number, size: number): boolean {
  try {
    return writeSync(descriptor, Buffer.alloc(size, "x")) === size;
  } catch (thrown) {
    assert.equal((thrown as NodeJS.ErrnoException).code, "ENOSPC");
    return false;
  }
}

async function serve(t: TestContext, folder: string, chat: Script): Promise<(...args: string[]) => Promise<Ended>> {
  const server = await startFakeOpenAi({ chat });
  t.after(() => server.close());
  const env = { OPENAI_API_BASE_URL: server.url, OPENAI_RETRIES: "1" };
  return (...args) => runInProcess({ cwd: folder, args: [...args, "-m", "no_memory"], env });
}

function endsAsUndisturbed(folder: string): void {
  const files = Object.entries(contentsOf(join(folder, "workspace"))).filter(([path]) => !path.endsWith("/"));
  assert.deepEqual(new Map(files), new Map([...filesAfter(operations.length)].sort()));
}

for (const struck of [0, 2, 5]) {
  test(`a disk that is full for the journal from request ${struck + 1} on ends the run, and nothing is torn`, async (t) => {
    const folder = await folderWithDisk(t, ".autogpt");
    if (folder === null) return;
    const filler = join(folder, ".autogpt", "filler");
    let requests = 0;
    const run = await serve(t, folder, ({ body }) => {
      if (requests++ === struck) fill(filler);
      return carefulReply(body?.messages ?? []);
    });
    const { code, stderr } = await run("-c");
    assert.equal(code, 1, stderr);
    const journal = await lastJournal(folder);
    assert.ok(stderr.includes(journal), stderr);
    assert.match(stderr, /ENOSPC.*--resume/s);
    const before = readFileSync(journal, "utf8");
    assert.ok(before.endsWith("}\n"), "the last line is whole");
    const events = await journalOf(folder);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, index) => index + 1),
    );
    assert.equal((await run("--resume")).code, 1, "as long as the disk is full");

    unlinkSync(filler);
    const resumed = await run("--resume");
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.ok(readFileSync(journal, "utf8").startsWith(before));
    const ends = eventsOfType(await journalOf(folder), "step-end").map(({ step }) => step);
    assert.deepEqual(
      ends,
      ends.map((_, index) => index + 1),
    );
    endsAsUndisturbed(folder);
  });
}

/** Says these replies one after the other. */
const inOrder = (...replies: string[]): Script => replies;

async function resultsOf(folder: string): Promise<string[]> {
  return eventsOfType(await journalOf(folder), "step-end").map(({ result }) => result.text);
}

test("a disk that is full for the workspace is an error for the model, which makes room and goes on", async (t) => {
  const folder = await folderWithDisk(t, "workspace");
  if (folder === null) return;
  const long = "many words of a long text\n".repeat(400);
  writeFileSync(join(folder, "workspace", "kept.txt"), "kept\n");
  fill(join(folder, "workspace", "filler"));
  const run = await serve(
    t,
    folder,
    inOrder(
      reply("write_to_file", { file: "new.txt", text: long }),
      reply("write_to_file", { file: "kept.txt", text: long }),
      reply("append_to_file", { file: "kept.txt", text: long }),
      reply("read_file", { file: "kept.txt" }),
      reply("search_files", { directory: "" }),
      reply("delete_file", { file: "filler" }),
      reply("append_to_file", { file: "kept.txt", text: "and more\n" }),
      reply("task_complete", { reason: "done" }),
    ),
  );
  const { code, stderr } = await run("-c");
  assert.equal(code, 0, stderr);
  const results = await resultsOf(folder);
  for (const [index, name] of ["write_to_file", "write_to_file", "append_to_file"].entries()) {
    assert.match(results[index] ?? "", new RegExp(`^Command ${name} returned: Error: .*disk is full`));
  }
  assert.deepEqual(results.slice(3, 7), [
    "Command read_file returned: kept\n",
    "Command search_files returned: filler\nkept.txt",
    "Command delete_file returned: File deleted successfully.",
    "Command append_to_file returned: Text appended successfully.",
  ]);
  assert.deepEqual(contentsOf(join(folder, "workspace")), { "kept.txt": "kept\nand more\n" });
});

/** Makes a folder read-only: for root by its disk, for others by its mode. */
async function readOnlyFolder(t: TestContext, name: string, files: Record<string, string>): Promise<string | null> {
  const folder = isRoot ? await folderWithDisk(t, name) : await temporaryFolder(t);
  if (folder === null) return null;
  const locked = join(folder, name);
  await mkdir(locked, { recursive: true });
  if (!isRoot) await writeAi(folder);
  for (const [file, text] of Object.entries(files)) await writeFile(join(locked, file), text);
  if (isRoot) execFileSync("mount", ["-o", "remount,ro", locked]);
  else {
    for (const file of Object.keys(files)) await chmod(join(locked, file), 0o444);
    await chmod(locked, 0o555);
    t.after(() => chmod(locked, 0o755));
  }
  return folder;
}

test("a workspace in which nothing can be written is an error for the model, and the loop goes on", async (t) => {
  const folder = await readOnlyFolder(t, "workspace", { "there.txt": "there\n" });
  if (folder === null) return;
  const run = await serve(
    t,
    folder,
    inOrder(
      reply("write_to_file", { file: "new.txt", text: "new\n" }),
      reply("append_to_file", { file: "there.txt", text: "more\n" }),
      reply("delete_file", { file: "there.txt" }),
      reply("read_file", { file: "there.txt" }),
      reply("task_complete", { reason: "nothing can be written" }),
    ),
  );
  const { code, stderr } = await run("-c");
  assert.equal(code, 0, stderr);
  const results = await resultsOf(folder);
  for (const [index, name] of ["write_to_file", "append_to_file", "delete_file"].entries()) {
    assert.match(results[index] ?? "", new RegExp(`^Command ${name} returned: Error: .*(there|new)\\.txt`));
  }
  assert.equal(results[3], "Command read_file returned: there\n");
});

test("a folder of runs in which nothing can be written ends the run with code 1, before any request", async (t) => {
  const folder = await readOnlyFolder(t, ".autogpt", {});
  if (folder === null) return;
  await saysThatNoJournalCanBeWritten(t, folder);
});

test("a file in the place of the folder of runs ends the run with code 1, before any request", async (t) => {
  const folder = await temporaryFolder(t);
  await writeAi(folder);
  await mkdir(join(folder, ".autogpt"));
  await writeFile(join(folder, ".autogpt", "runs"), "not a folder");
  await saysThatNoJournalCanBeWritten(t, folder);
});

async function saysThatNoJournalCanBeWritten(t: TestContext, folder: string): Promise<void> {
  let requests = 0;
  const run = await serve(t, folder, () => {
    requests += 1;
    return reply("task_complete");
  });
  const { code, stderr } = await run("-c");
  assert.equal(code, 1, stderr);
  assert.equal(requests, 0);
  assert.ok(stderr.includes(join(folder, ".autogpt", "runs")), stderr);
  assert.match(stderr, /journal.*AUTOGPT_HOME/s);
  assert.doesNotMatch(stderr, /\n\s+at /, "no stack trace");
}
