import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { whileLocked } from "../../../src/history/lock/run-lock.js";
import { runNames } from "../../../src/history/runs.js";
import { reply } from "../../support/services/fake-open-ai.js";
import { bubblewrap, needsPrograms } from "../../support/services/services.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

const done = reply("task_complete", { reason: "Done." });
const write = (file: string, text = "x"): string => reply("write_to_file", { file, text });
const append = (file: string, text: string): string => reply("append_to_file", { file, text });
const remove = (file: string): string => reply("delete_file", { file });
const shell = (line: string): string => reply("execute_shell", { command_line: line });

/** Names, kinds, permissions and contents of all that is in a folder. */
async function treeOf(folder: string, below = ""): Promise<string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(join(folder, below))).sort()) {
    const path = below === "" ? name : `${below}/${name}`;
    const stats = await lstat(join(folder, path));
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isSymbolicLink()) lines.push(`${path} -> ${await readlink(join(folder, path))}`);
    else if (stats.isDirectory()) lines.push(`${path}/ ${mode}`, ...(await treeOf(folder, path)));
    else {
      const hash = createHash("sha256").update(await readFile(join(folder, path)));
      lines.push(`${path} ${mode} ${hash.digest("hex")}`);
    }
  }
  return lines;
}
const tree = (world: World): Promise<string[]> => treeOf(join(world.folder, "workspace"));

test("undo, undo of undo, and any step in between: what commands and programs made, changed, renamed, deleted", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const script = [
    write("made/deep/new.txt", "new\n"),
    append("notes.txt", "more\n"),
    remove("old.txt"),
    shell(
      "mkdir -p out && printf 1 > out/one && mv data renamed && chmod 700 run.sh && ln -s notes.txt link; printf x > 'a\"b'",
    ),
    shell("rm -r out && printf changed > renamed/inner.txt && rm made/deep/new.txt"),
    write("notes.txt", "all new\n"),
  ];
  const world = await scriptedWorld(t, [...script, done], {
    env: { EXECUTE_LOCAL_COMMANDS: "True", SHELL_COMMAND_CONTROL: "off" },
  });
  const workspace = join(world.folder, "workspace");
  await mkdir(join(workspace, "data"), { recursive: true });
  await writeFile(join(workspace, "notes.txt"), "first\n");
  await writeFile(join(workspace, "old.txt"), "old\n", { mode: 0o600 });
  await writeFile(join(workspace, "run.sh"), "#!/bin/sh\n");
  await chmod(join(workspace, "run.sh"), 0o644);
  await writeFile(join(workspace, "data", "inner.txt"), "inner\n");
  const before = await tree(world);

  const { code } = await world.run(["-c", "-y"]);
  assert.equal(code, 0);
  const after = await tree(world);

  const shown = await world.run(["undo", "--dry-run"]);
  assert.match(shown.stdout, /This would undo steps 1 to 7 of the run [^]*put back {2,}notes\.txt/);
  assert.deepEqual(await tree(world), after);

  const undone = await world.run(["undo"]);
  assert.equal(undone.code, 0, undone.stderr);
  assert.match(undone.stdout, /The workspace is as it was before the first step\. autogpt undo puts it back\./);
  assert.deepEqual(await tree(world), before);

  assert.equal((await world.run(["undo"])).code, 0);
  assert.deepEqual(await tree(world), after);

  await world.run(["undo", "--to", "4"]);
  assert.equal(await world.file("out/one"), "1");
  assert.equal(await world.file("renamed/inner.txt"), "inner\n");
  assert.equal(await world.file("notes.txt"), "first\nmore\n");
  await world.run(["undo", "--to", "2"]);
  assert.equal(await world.file("old.txt"), "old\n");
  await world.run(["undo", "--to", "6"]);
  assert.deepEqual(await tree(world), after);

  const all = await world.run(["diff"]);
  assert.match(all.stdout, /deleted file mode 100600\n--- a\/old\.txt\n\+\+\+ \/dev\/null\n@@ -1,1 \+0,0 @@\n-old\n/);
  assert.match(all.stdout, /--- a\/notes\.txt\n\+\+\+ b\/notes\.txt\n@@ -1,1 \+1,1 @@\n-first\n\+all new\n/);
  assert.match(all.stdout, /old mode 100644\nnew mode 100700\n/);
  assert.match(all.stdout, /^diff --git "a\/a\\"b" "b\/a\\"b"$/m);
  assert.doesNotMatch(all.stdout, /out\/one/);
  const one = await world.run(["diff", "--step", "2"]);
  assert.match(one.stdout, /^diff --git a\/notes\.txt b\/notes\.txt\n[^]*\n first\n\+more\n$/);
});

test("what the user changed since is kept and named; a killed run can be undone; a wrong step is told", async (t) => {
  const world = await scriptedWorld(t, [write("a.txt", "by the run"), write("b.txt", "by the run"), done], {});
  await mkdir(join(world.folder, "workspace"), { recursive: true });
  await writeFile(join(world.folder, "workspace", "a.txt"), "before");
  await world.run(["-c", "-y"]);
  await writeFile(join(world.folder, "workspace", "a.txt"), "by hand");

  const wrong = await world.run(["undo", "--to", "9"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /has 3 steps, so there is no state after step 9/);
  const undone = await world.run(["undo", "--json"]);
  const { kept, changes } = JSON.parse(undone.stdout) as { kept: string[]; changes: object[] };
  assert.deepEqual(kept, ["a.txt"]);
  assert.deepEqual(changes, [{ path: "b.txt", action: "remove" }]);
  assert.equal(await world.file("a.txt"), "by hand");
  await assert.rejects(world.file("b.txt"), { code: "ENOENT" });

  await rm(join(world.folder, ".autogpt", "snapshots"), { recursive: true });
  const gone = await world.run(["undo"]);
  assert.equal(gone.code, 2);
  assert.match(gone.stderr, /Nothing is kept of what the run .* changed/);
});

/** A world that remembers, and what it remembers of which steps. */
async function rememberingWorld(t: TestContext, script: readonly string[]): Promise<[World, () => Promise<number[]>]> {
  const world = await scriptedWorld(t, script, { env: { MEMORY_BACKEND: "local" } });
  const { code, stderr } = await world.run(["-c", "-y"]);
  assert.equal(code, 0, stderr);
  const steps = async (): Promise<number[]> => {
    const { stdout } = await world.run(["memory", "show", "-k", "99", "--json"]);
    const records = JSON.parse(stdout) as { source: { step: number } }[];
    return records.map(({ source }) => source.step).sort();
  };
  return [world, steps];
}

test("what is undone is forgotten, and comes back as it was with undo of undo; a plain undo never goes further back", async (t) => {
  const [world, remembered] = await rememberingWorld(t, [write("a.txt", "a\n"), write("b.txt"), write("c.txt"), done]);
  const [run = ""] = runNames(join(world.folder, ".autogpt"));
  const embedded = (): number => world.server.requests.filter(({ path }) => path.endsWith("/embeddings")).length;
  const asked = embedded();
  const undone = await world.run(["undo", "--to", "2"]);
  assert.match(
    undone.stdout,
    /2 records of memory forgotten\.\nThe workspace is as it was after step 2\. autogpt undo puts it back\.\n$/,
  );
  assert.deepEqual(await remembered(), [1, 2]);
  assert.match(
    (await world.run(["diff"])).stdout,
    /^# Undone: the workspace is as it was after step 2; autogpt undo \S+ --to 4 puts all back\.\ndiff --git a\/a\.txt/,
  );
  assert.doesNotMatch((await world.run(["diff", "--step", "1"])).stdout, /Undone/);
  const shown = await world.run(["runs", "show"]);
  assert.match(
    shown.stdout,
    new RegExp(`Undone: the workspace is as it was after step 2\\.[^]*Next\n  autogpt undo ${run.slice(-4)} --to 4\n`),
  );
  assert.match(
    (await world.run(["runs", "show", "--markdown"])).stdout,
    /Undone: the workspace is as it was after step 2\./,
  );

  const back = await world.run(["undo"]);
  assert.match(back.stdout, /2 records of memory brought back\.\nThe workspace is as it was after step 4\.\n$/);
  assert.deepEqual(await remembered(), [1, 2, 3, 4]);
  assert.equal(await world.file("c.txt"), "x");
  assert.doesNotMatch((await world.run(["runs", "show"])).stdout + (await world.run(["diff"])).stdout, /Undone/);

  // All of it, so that no memory is left that says what it was made with.
  await world.run(["undo"]);
  assert.deepEqual([await remembered(), await readdir(join(world.folder, "workspace"))], [[], []]);
  await world.run(["undo"]);
  assert.deepEqual(await remembered(), [1, 2, 3, 4]);
  assert.equal(embedded(), asked, "nothing is embedded anew");

  await world.run(["undo", "--to", "3"]);
  const further = await world.run(["undo", "--to", "1"]);
  assert.match(further.stdout, /autogpt undo puts it back\. autogpt undo --to 4 puts all back\.\n$/);
  await world.run(["undo"]);
  assert.deepEqual(await readdir(join(world.folder, "workspace")), ["a.txt", "b.txt", "c.txt"]);
  const rest = await world.run(["undo"]);
  assert.match(rest.stdout, /^Put back: step 4 of/);
  assert.deepEqual(await remembered(), [1, 2, 3, 4]);
});

test("a step whose file somebody has changed by hand stays, and so does what was remembered of it", async (t) => {
  const [world, remembered] = await rememberingWorld(t, [write("a.txt"), write("in/b.txt"), write("c.txt"), done]);
  await writeFile(join(world.folder, "workspace", "a.txt"), "by hand");
  await writeFile(join(world.folder, "workspace", "in", "mine.txt"), "mine");
  const dry = await world.run(["undo", "--dry-run"]);
  assert.match(dry.stdout, /What was remembered in 3 steps will be forgotten/);
  const { stdout } = await world.run(["undo", "--json"]);
  const { kept, memories } = JSON.parse(stdout) as { kept: string[]; memories: { forgotten: number } };
  assert.deepEqual([kept.sort(), memories.forgotten], [["a.txt", "in"], 3]);
  assert.deepEqual(await remembered(), [1]);
  await world.run(["undo"]);
  assert.deepEqual(await remembered(), [1, 2, 3, 4]);
  assert.equal(await world.file("a.txt"), "by hand");
});

test("a run of which all was put back goes on, also where it changed nothing more", async (t) => {
  const world = await scriptedWorld(t, [write("a.txt"), reply("do_nothing"), reply("do_nothing"), done]);
  assert.equal((await world.run(["-c", "-y", "-l", "1"])).code, 5);
  await world.run(["undo"]);
  const refused = await world.run(["--resume", "-l", "2"]);
  assert.deepEqual([refused.code, /Steps of the run \S+ are undone/.test(refused.stderr)], [2, true]);
  await world.run(["undo"]);
  assert.equal((await world.run(["--resume", "-l", "2"])).code, 5);
  assert.equal((await world.run(["--resume", "-l", "9"])).code, 0);
});

test("a file that holds a key is not kept: it is named, stays as it is, and its key is nowhere in our own state", async (t) => {
  const key = "sk-planted-0123456789abcdef";
  const world = await scriptedWorld(t, [write("config.txt", "without"), write("b.txt", "b"), done], {});
  await mkdir(join(world.folder, "workspace"), { recursive: true });
  await writeFile(join(world.folder, "workspace", "config.txt"), `key=${key}`);
  const env = { OPENAI_API_KEY: key };
  await world.run(["-c", "-y"], { env });
  const { stdout, code } = await world.run(["undo"], { env });
  assert.equal(code, 0);
  assert.match(stdout, /Cannot be put back, because their content was not kept .*with a key in it.*: config\.txt/);
  assert.equal(await world.file("config.txt"), "without");
  await assert.rejects(world.file("b.txt"), { code: "ENOENT" });
  const state = await readdir(join(world.folder, ".autogpt"), { recursive: true, withFileTypes: true });
  for (const entry of state.filter((one) => one.isFile()))
    assert.ok(!(await readFile(join(entry.parentPath, entry.name))).includes(key), entry.name);
});

test("undo is refused while another run works in the same workspace, and while the state came with a repository", async (t) => {
  const world = await scriptedWorld(t, [write("a"), done, write("b"), done]);
  for (let runs = 0; runs < 2; runs += 1) assert.equal((await world.run(["-c", "-y"])).code, 0);
  const home = join(world.folder, ".autogpt");
  const [first = "", second = ""] = runNames(home);
  await whileLocked(home, second, async () => {
    const { code, stderr } = await world.run(["undo", first]);
    assert.equal(code, 2);
    assert.match(stderr, /is at work in the same workspace/);
  });
  await mkdir(join(world.folder, ".git"));
  const index = join(world.folder, ".git", "index");
  await writeFile(index, Buffer.from("DIRC\0\0\0\x02\0\0\0\x01.autogpt/runs/x\0", "latin1"));
  assert.match((await world.run(["undo", first])).stderr, /came with the repository/);
  await rm(index);
  assert.equal((await world.run(["undo", first])).code, 0);
  assert.deepEqual(await readdir(join(world.folder, "workspace")), ["b"]);
});
