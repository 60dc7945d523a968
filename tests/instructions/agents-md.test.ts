import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { findInstructions, mostBytes } from "../../src/instructions/agents-md.js";
import { temporaryFolder } from "../support/program.js";

async function folderWith(t: TestContext, files: Record<string, string | Buffer>): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

const cloned = { "repo/.git/logs/HEAD": "0 1 Ada <a@b> 1 +0000\tclone: from https://example.org/x\n" };

test("files are taken from the folders up to the repository's root, the outer ones first, each once", async (t) => {
  const folder = await folderWith(t, {
    "AGENTS.md": "outside",
    "repo/.git/HEAD": "",
    "repo/AGENTS.md": "\uFEFFroot\r\n",
    "repo/app/sub/AGENTS.md": "sub",
    "repo/other/AGENTS.md": "other",
  });
  await mkdir(join(folder, "repo", "app", "sub", "workspace"));
  const at = (path: string): string => join(folder, "repo", path);
  const { files, problems } = await findInstructions([at("app/sub"), at("app/sub/workspace")]);
  assert.deepEqual(
    files.map(({ file, text, foreign }) => [file, text, foreign]),
    [
      [at("AGENTS.md"), "root", undefined],
      [at("app/sub/AGENTS.md"), "sub", undefined],
    ],
  );
  assert.deepEqual(problems, []);
  const both = await findInstructions([at("app/sub"), at("other")]);
  assert.deepEqual(
    both.files.map(({ text }) => text),
    ["root", "sub", "other"],
  );
});

test("outside of a repository the folder alone counts, and folders that are not there are passed over", async (t) => {
  const folder = await folderWith(t, { "AGENTS.md": "above", "own/AGENTS.md": "own" });
  const { files } = await findInstructions([join(folder, "own"), join(folder, "missing")]);
  assert.deepEqual(
    files.map(({ text }) => text),
    ["own"],
  );
});

test("all together have 32 KiB at most: the nearest is whole, the outer one is cut behind a line, and both are said", async (t) => {
  const line = `${"x".repeat(99)}\n`;
  const folder = await folderWith(t, {
    "repo/.git/HEAD": "",
    "repo/AGENTS.md": "not told",
    "repo/a/AGENTS.md": line.repeat(200),
    "repo/a/b/AGENTS.md": line.repeat(250),
  });
  const { files, problems } = await findInstructions([join(folder, "repo", "a", "b")]);
  assert.deepEqual(
    files.map(({ bytes, text }) => [bytes, text.length]),
    [
      [20_000, 7_699],
      [25_000, 24_999],
    ],
  );
  assert.ok(files.reduce((sum, { text }) => sum + text.length, 0) <= mostBytes);
  assert.equal(problems.length, 2);
  assert.match(
    problems[0] ?? "",
    /a\/AGENTS\.md has 20 KB, .*together may have 32 KB: the AI is told the first 7\.6 KB/,
  );
  assert.match(problems[1] ?? "", /repo\/AGENTS\.md has 8 bytes, .*: the AI is not told of it/);
  const huge = await folderWith(t, { "AGENTS.md": "é".repeat(40_000) });
  const [only] = (await findInstructions([huge])).files;
  assert.match(only?.text ?? "", /^é{16384}$/);
});

test("what is no text, no file, or empty is left out with a word, and a pipe is not waited for", async (t) => {
  const folder = await folderWith(t, {
    "binary/AGENTS.md": Buffer.from([0, 1, 2, 0, 255, 0, 7, 0]),
    "folder/AGENTS.md/x": "",
    "empty/AGENTS.md": "",
  });
  await mkdir(join(folder, "pipe"));
  execFileSync("mkfifo", [join(folder, "pipe", "AGENTS.md")]);
  await mkdir(join(folder, "dead"));
  await symlink("nowhere", join(folder, "dead", "AGENTS.md"));
  const of = async (name: string) => findInstructions([join(folder, name)]);
  assert.deepEqual(await of("empty"), { files: [], problems: [] });
  for (const [name, why] of [
    ["binary", /AGENTS\.md is no text\. The AI is not told of it/],
    ["folder", /AGENTS\.md is no file/],
    ["pipe", /AGENTS\.md is no file/],
    ["dead", /AGENTS\.md cannot be read: ENOENT/],
  ] as const) {
    const { files, problems } = await of(name);
    assert.deepEqual(files, [], name);
    assert.match(problems.join(), why);
  }
});

test("what came with a clone is told apart, also below its root and in a work tree; a link of it leads nowhere else", async (t) => {
  const folder = await folderWith(t, {
    ...cloned,
    "repo/app/AGENTS.md": "theirs",
    "repo/.git/worktrees/w/commondir": "../..\n",
    "secret.md": "mine",
  });
  await mkdir(join(folder, "tree"));
  await writeFile(join(folder, "tree", ".git"), `gitdir: ${join(folder, "repo/.git/worktrees/w")}\n`);
  await writeFile(join(folder, "tree", "AGENTS.md"), "theirs, too");
  for (const [name, root] of [
    ["repo/app", "repo"],
    ["tree", "tree"],
  ] as const) {
    const [one] = (await findInstructions([join(folder, name)])).files;
    assert.equal(one?.foreign, true, name);
    assert.equal(one.others?.folder, join(folder, root));
    assert.match(one.others?.why ?? "", /cloned/);
  }
  await symlink(join(folder, "secret.md"), join(folder, "repo", "AGENTS.md"));
  const { files, problems } = await findInstructions([join(folder, "repo")]);
  assert.deepEqual(files, []);
  assert.match(problems.join(), /is a link that leads out of a repository of others/);
});
