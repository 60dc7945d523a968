import assert from "node:assert/strict";
import { chmod, mkdir, readFile as readBytes, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Command, CommandContext } from "../../src/commands/command.js";
import { copyFile } from "../../src/commands/files/copy-file.js";
import { makeFolder } from "../../src/commands/files/make-folder.js";
import { moveFile } from "../../src/commands/files/move-file.js";
import { readFile } from "../../src/commands/files/read-file.js";
import { searchFiles } from "../../src/commands/files/search-files.js";
import { matchingGlob } from "../../src/commands/files/search/matching-glob.js";
import { notIgnored } from "../../src/commands/files/search/not-ignored.js";
import { searchText } from "../../src/commands/files/search/search-text.js";
import { commandOnce, workspaceWith } from "../support/once.js";

async function setting(t: TestContext, files: Record<string, string>, room = 100_000) {
  const workspace = await workspaceWith(t, files);
  const context = {
    workspace,
    fitting: (text: string) => Math.min(text.length, room),
    signal: new AbortController().signal,
  };
  const run = (command: Command, args: object) => commandOnce(command, args, context);
  return {
    workspace,
    context,
    root: workspace.root,
    run,
    text: async (command: Command, args: object) => (await run(command, args)).text,
  };
}

test("search_text lists lines with their file and number, and leaves out what .gitignore and .git hold", async (t) => {
  const { root, text } = await setting(t, {
    "src/a.ts": "const one = 1;\n  const TWO = 2;\r\n",
    "src/deep/b.ts": "// const in a comment\n",
    "README.md": "const is a word\n",
    ".gitignore": "dist/\n*.log\n!keep.log\n",
    "dist/a.js": "const built\n",
    "x.log": "const log\n",
    "keep.log": "const kept\n",
    "node_modules/p/index.js": "const of others\n",
    "sub/.gitignore": "/local\n",
    "sub/local": "const local\n",
    "bin.dat": "\0\0\0const\0",
  });
  await mkdir(join(root, ".git"));
  await writeFile(join(root, ".git", "config"), "const git\n");
  const all = await text(searchText, { pattern: "^\\s*const\\b" });
  assert.match(all, /^4 lines in 3 files \(of 7 searched\)/);
  assert.deepEqual(all.split("\n").slice(1), [
    "README.md:1: const is a word",
    "keep.log:1: const kept",
    "src/a.ts:1: const one = 1;",
    "src/a.ts:2:   const TWO = 2;",
  ]);
  assert.match(await text(searchText, { pattern: "const two", ignore_case: true, directory: "src" }), /src\/a\.ts:2/);
  assert.match(await text(searchText, { pattern: "const", files: "*.md" }), /^1 line in 1 file/);
  assert.match(await text(searchText, { pattern: "const", directory: "src", files: "deep/*" }), /^1 line in 1 file/);
  assert.match(await text(searchText, { pattern: "const", directory: "README.md" }), /^1 line in 1 file/);
  assert.equal(await text(searchText, { pattern: "nowhere" }), "Nothing found in 7 files.");
});

test("search_text ends a pattern that takes for ever, says what is no pattern, and fits its answer into the room", async (t) => {
  const { run, text, workspace } = await setting(t, { "a.txt": `${"a".repeat(40)}!\n` }, 1000);
  await assert.rejects(run(searchText, { pattern: "(" }), /The pattern is no regular expression/);
  await workspace.write("many.txt", "word\n".repeat(3000));
  const many = await text(searchText, { pattern: "word" });
  assert.ok(many.length <= 1000);
  assert.match(many, /… and \d+ lines more\./);
  assert.match(await text(searchText, { pattern: "^(a+)+$" }), /The search was ended, because it took too long/);
});

test("search_files finds files by a pattern", async (t) => {
  const { text } = await setting(t, { "a.md": "", "src/b.md": "", "src/deep/c.ts": "" });
  assert.equal(await text(searchFiles, { directory: "", pattern: "*.md" }), "a.md\nsrc/b.md");
  assert.equal(await text(searchFiles, { directory: "src", pattern: "deep/**" }), "src/deep/c.ts");
  assert.equal(await text(searchFiles, { directory: "", pattern: "*.py" }), "No files found.");
});

test("read_file gives lines, with numbers where they are asked for", async (t) => {
  const lines = Array.from({ length: 100 }, (_, index) => `line ${index + 1}`);
  const { text, run } = await setting(t, { "a.txt": `${lines.join("\n")}\n`, "empty.txt": "" }, 400);
  assert.equal(
    await text(readFile, { file: "a.txt", from_line: 99, lines: 5, numbers: true }),
    "99\tline 99\n100\tline 100\n[Lines 99 to 100 of 100 are shown; this is the end of the file.]",
  );
  assert.match(
    await text(readFile, { file: "a.txt", from_line: 2, lines: 2 }),
    /^line 2\nline 3\n\[Lines 2 to 3 are shown; read_file with "from_line": 4 goes on\.\]$/,
  );
  const long = await text(readFile, { file: "a.txt", numbers: true });
  assert.ok(long.length <= 400);
  assert.match(long, /\[Lines 1 to \d+ of 100 are shown; read_file with "from_line": \d+ goes on/);
  assert.match(
    (await run(readFile, { file: "a.txt", from_line: 200 })).text,
    /line 200 is beyond the end of a\.txt, which has 100 lines/,
  );
  assert.equal(await text(readFile, { file: "empty.txt", lines: 3 }), "The file is empty.");
});

test("files and folders are moved and copied, and nothing is replaced by it", async (t) => {
  const { root, run, workspace } = await setting(t, { "a.sh": "echo a\n", "dir/b.txt": "b", "c.txt": "c" });
  await chmod(join(root, "a.sh"), 0o755);
  assert.equal((await run(copyFile, { file: "a.sh", to: "bin/a.sh" })).changed, true);
  assert.equal((await stat(join(root, "bin/a.sh"))).mode & 0o777, 0o755);
  await run(moveFile, { file: "dir", to: "other/place" });
  assert.equal(await readBytes(join(root, "other/place/b.txt"), "utf8"), "b");
  for (const command of [moveFile, copyFile])
    await assert.rejects(run(command, { file: "a.sh", to: "c.txt" }), /"c\.txt" is there already/);
  await assert.rejects(run(moveFile, { file: "other", to: "other/in/it" }), /cannot be moved into itself/);
  await assert.rejects(run(moveFile, { file: "none", to: "x" }), /There is no file "none"/);
  await assert.rejects(run(copyFile, { file: "other", to: "x" }), /is a folder, not a file/);
  await assert.rejects(run(moveFile, { file: "c.txt", to: "../c.txt" }), /leads out of the workspace/);
  assert.equal((await run(makeFolder, { directory: "x/y" })).changed, true);
  assert.equal((await run(makeFolder, { directory: "x/y" })).changed, false);
  assert.equal((await workspace.stat("x/y"))?.kind, "folder");
});

test("by moving and copying nothing protected is changed, made, or shown", async (t) => {
  const { root, run, context } = await setting(t, { "a/tasks.json": "{}", "hooks/x": "x", HEAD: "ref: x" });
  await mkdir(join(root, "repo", ".git"), { recursive: true });
  await writeFile(join(root, "repo", ".git", "config"), "theirs");
  await writeFile(join(root, ".env"), "KEY=secret");
  await symlink("repo", join(root, "link"));
  const refused: [Command, object][] = [
    [moveFile, { file: "a", to: ".vscode" }],
    [moveFile, { file: "repo", to: "other" }],
    [moveFile, { file: "repo/.git", to: "git" }],
    [moveFile, { file: "hooks", to: "link/.git/hooks" }],
    [moveFile, { file: ".env", to: "env.txt" }],
    [copyFile, { file: ".env", to: "env.txt" }],
    [copyFile, { file: "a/tasks.json", to: ".vscode/tasks.json" }],
    [copyFile, { file: "a/tasks.json", to: "CLAUDE.md" }],
    [makeFolder, { directory: ".husky" }],
    [makeFolder, { directory: "x/.git/hooks" }],
  ];
  for (const [command, args] of refused)
    await assert.rejects(run(command, args), { kind: "forbidden" }, JSON.stringify(args));
  // A link, and an empty folder, would be the way to what is put there later.
  await mkdir(join(root, "g", "elsewhere"), { recursive: true });
  await symlink("elsewhere", join(root, "g", "wrapper"));
  await mkdir(join(root, "e", "wrapper"), { recursive: true });
  for (const file of ["g", "e"])
    await assert.rejects(run(moveFile, { file, to: "gradle" }), { kind: "forbidden" }, file);
  await run(makeFolder, { directory: "objects" });
  await assert.rejects(run(makeFolder, { directory: "refs" }), { kind: "forbidden" });
  const review = await moveFile.review?.({ file: "a", to: "link/b" } as never, context as unknown as CommandContext);
  assert.deepEqual(review?.subjects, ["a", "link/b", "repo/b"]);
});

test("patterns for names and of .gitignore that take for ever are given up; brackets in names are brackets", async (t) => {
  const { text, workspace } = await setting(t, { ".gitignore": `${"**/a/".repeat(20)}b\n`, "app/(shop)/page.tsx": "" });
  const soon = { of: () => 100, met: () => undefined };
  const deep = `${Array.from({ length: 40 }, () => "a").join("/")}/word.txt`;
  assert.equal(await notIgnored([deep], workspace, soon), null);
  assert.deepEqual(await notIgnored(["a/a/word.txt"], workspace), ["a/a/word.txt"]);
  assert.throws(() => matchingGlob(["a".repeat(200)], `${"a*".repeat(12)}b`, "", soon), /takes too long/);
  assert.equal(await text(searchFiles, { pattern: "app/(shop)/*" }), "app/(shop)/page.tsx");
});
