import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, readdir, realpath, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { ownProgramFiles } from "../../src/base/process/own-program.js";
import { WorkspaceError, type WorkspaceProblem } from "../../src/workspace/workspace-error.js";
import { openWorkspace, type Workspace } from "../../src/workspace/workspace.js";
import { repository, temporaryFolder } from "../support/program.js";

type Setting = { workspace: Workspace; root: string; outside: string; home: string };

/** A workspace called "ws" beside a folder with the same prefix that holds a secret, and our own state. */
async function setting(t: TestContext): Promise<Setting> {
  const folder = await realpath(await temporaryFolder(t));
  const [root, outside, home] = [join(folder, "ws"), join(folder, "ws_evil"), join(folder, ".autogpt")];
  await mkdir(outside);
  await mkdir(root);
  await writeFile(join(outside, "secret.txt"), "secret");
  const temporaryDirectory = join(home, "temporary");
  const workspace = await openWorkspace({ root, forbidden: [home], temporaryDirectory });
  return { workspace, root, outside, home };
}

const fails =
  (kind: WorkspaceProblem, ...words: string[]) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof WorkspaceError, String(error));
    assert.equal(error.kind, kind, error.message);
    assert.ok(!error.message.includes("\n"), "one line");
    for (const word of words) assert.ok(error.message.includes(word), `${error.message} names ${word}`);
    return true;
  };

/** Every way to use a path is refused. */
async function assertRefused({ workspace, root }: Setting, path: string): Promise<void> {
  const name = JSON.stringify(path);
  await assert.rejects(workspace.read(path), fails("leads-out", name, root), `read ${path}`);
  await assert.rejects(workspace.write(path, "overwritten"), fails("leads-out", name, root), `write ${path}`);
  await assert.rejects(workspace.append(path, "appended"), fails("leads-out", name, root), `append ${path}`);
  await assert.rejects(workspace.delete(path), fails("leads-out", name, root), `delete ${path}`);
  await assert.rejects(workspace.stat(path), fails("leads-out", name, root), `stat ${path}`);
}

async function assertUntouched({ outside }: Setting): Promise<void> {
  assert.deepEqual(await readdir(outside), ["secret.txt"]);
  assert.equal(await readFile(join(outside, "secret.txt"), "utf8"), "secret");
}

test("accepts paths that stay inside, however they are written", async (t) => {
  const { workspace, root } = await setting(t);
  for (const path of [
    "a.txt",
    "./a.txt",
    "dir/../a.txt",
    "dir/./b/../../a.txt",
    join(root, "a.txt"),
    `${root}//a.txt`,
  ]) {
    await workspace.write(path, path);
    assert.equal(await readFile(join(root, "a.txt"), "utf8"), path);
    assert.equal((await workspace.read(path)).toString(), path);
  }
  for (const path of [".", "dir/..", "", root, `${root}/`]) {
    assert.deepEqual(await workspace.list(path, 10), { files: ["a.txt"], more: 0, unseen: 0 }, path);
  }
});

test("pitfall 48: an absolute path inside the workspace is accepted, also through the name the user gave it", async (t) => {
  const folder = await realpath(await temporaryFolder(t));
  await mkdir(join(folder, "real"));
  await symlink(join(folder, "real"), join(folder, "alias"));
  const options = { root: join(folder, "alias"), forbidden: [], temporaryDirectory: join(folder, "temporary") };
  const workspace = await openWorkspace(options);
  assert.equal(workspace.root, join(folder, "real"));
  await workspace.write(join(folder, "alias", "a.txt"), "1");
  await workspace.append(join(folder, "real", "a.txt"), "2");
  assert.equal((await workspace.read("a.txt")).toString(), "12");
});

test("pitfall 47: a path that leads out gives a refusal and nothing else", async (t) => {
  const all = await setting(t);
  const paths = ["..", "../a.txt", "dir/../../a.txt", "/", "/etc/passwd", "../", "a/../../ws_evil/secret.txt"];
  for (const path of [...paths, "/proc/self/environ", join(all.outside, "secret.txt"), "//etc/passwd"]) {
    await assertRefused(all, path);
    await assert.rejects(all.workspace.list(path, 10), fails("leads-out"));
  }
  await assertUntouched(all);
  assert.deepEqual(await readdir(all.root), []);
});

test("pitfall 45: a neighbour whose name begins like the workspace's is refused", async (t) => {
  const all = await setting(t);
  await assertRefused(all, "../ws_evil/secret.txt");
  await assertRefused(all, "../ws_evil/new.txt");
  await assertUntouched(all);
});

test("pitfall 46: links that lead out are refused, files and folders, direct and over another link", async (t) => {
  const all = await setting(t);
  const { root, outside, workspace } = all;
  await symlink(outside, join(root, "folder"));
  await symlink("../ws_evil", join(root, "relative"));
  await symlink(join(outside, "secret.txt"), join(root, "file.txt"));
  await symlink(join(outside, "new.txt"), join(root, "new.txt"));
  await symlink("folder/secret.txt", join(root, "chain.txt"));
  await symlink("/no/such/place", join(root, "nowhere"));
  const paths = ["folder/secret.txt", "folder/new.txt", "folder/sub/new.txt", "relative/secret.txt"];
  for (const path of [...paths, "file.txt", "new.txt", "chain.txt", "nowhere", "nowhere/a.txt"]) {
    await assertRefused(all, path);
  }
  await assert.rejects(workspace.list("folder", 10), fails("leads-out"));
  assert.deepEqual(await workspace.list(".", 10), { files: [], more: 0, unseen: 0 });
  await assertUntouched(all);
});

test("links that stay inside are followed: written through, listed once, removed as links", async (t) => {
  const { workspace, root } = await setting(t);
  await workspace.write("data/a.txt", "one");
  await symlink("data", join(root, "folder"));
  await symlink("data/a.txt", join(root, "link.txt"));
  await symlink("data/later.txt", join(root, "later.txt"));

  await workspace.write("link.txt", "two");
  await workspace.append("folder/a.txt", "!");
  await workspace.write("later.txt", "new");
  assert.equal(await readFile(join(root, "data/a.txt"), "utf8"), "two!");
  assert.equal(await readFile(join(root, "data/later.txt"), "utf8"), "new");
  const files = ["data/a.txt", "data/later.txt", "later.txt", "link.txt"];
  assert.deepEqual(await workspace.list(".", 10), { files, more: 0, unseen: 0 });

  await workspace.delete("link.txt");
  assert.equal(await readFile(join(root, "data/a.txt"), "utf8"), "two!");
  assert.ok(!(await readdir(root)).includes("link.txt"));
});

test("a link that leads in a circle is refused", async (t) => {
  const { workspace, root } = await setting(t);
  await symlink("b", join(root, "a"));
  await symlink("a", join(root, "b"));
  await assert.rejects(workspace.read("a"), fails("leads-out", '"a"'));
  await assert.rejects(workspace.write("a/c.txt", "x"), fails("leads-out"));
});

test("a name with a NUL byte and an empty name are refused; ~ is just a name", async (t) => {
  const { workspace, root } = await setting(t);
  await assert.rejects(workspace.write("a\0b.txt", "x"), fails("bad-name", "a\\u0000b.txt"));
  await assert.rejects(workspace.write("", "x"), fails("bad-name"));
  assert.deepEqual(await readdir(root), []);
  await workspace.write("~/a.txt", "x");
  assert.equal(await readFile(join(root, "~", "a.txt"), "utf8"), "x");
});

test("our own files are out of reach even inside the workspace, under any of their names", async (t) => {
  const root = await realpath(await temporaryFolder(t));
  const home = join(root, ".autogpt");
  await writeFile(join(root, ".env"), "OPENAI_API_KEY=secret");
  const forbidden = [home, join(root, ".env")];
  const workspace = await openWorkspace({ root, forbidden, temporaryDirectory: join(home, "temporary") });
  await workspace.write("a.txt", "mine");
  await symlink(".env", join(root, "linked"));
  execFileSync("ln", [join(root, ".env"), join(root, "hard")]);
  for (const path of [".env", ".ENV", "linked", ".autogpt/runs/x/events.jsonl", ".autogpt", join(root, ".env")]) {
    await assert.rejects(workspace.read(path), fails("forbidden"), path);
    await assert.rejects(workspace.write(path, "x"), fails("forbidden"), path);
    await assert.rejects(workspace.delete(path), fails("forbidden"), path);
  }
  await assert.rejects(workspace.read("hard"), fails("forbidden"));
  await assert.rejects(workspace.list(".autogpt", 10), fails("forbidden"));
  assert.deepEqual((await workspace.list(".", 10)).files, ["a.txt", "hard"]);
  assert.equal(await readFile(join(root, ".env"), "utf8"), "OPENAI_API_KEY=secret");
});

test("a file of our own is out of reach under a second name, wherever in our folders it lies", async (t) => {
  const { workspace, root, home } = await setting(t);
  const journal = join(home, "runs", "one", "events.jsonl");
  await mkdir(join(home, "runs", "one"), { recursive: true });
  await writeFile(journal, "{}\n");
  execFileSync("ln", [journal, join(root, "hard")]);
  await writeFile(join(root, "one"), "1");
  execFileSync("ln", [join(root, "one"), join(root, "two")]);
  await assert.rejects(workspace.read("hard"), fails("forbidden"));
  await assert.rejects(workspace.write("hard", "x"), fails("forbidden"));
  await assert.rejects(workspace.append("hard", "x"), fails("forbidden"));
  assert.equal(await readFile(journal, "utf8"), "{}\n");
  assert.equal((await workspace.read("two")).toString(), "1");
});

test("what holds secrets is out of reach in any folder, and under a second name", async (t) => {
  const folder = await realpath(await temporaryFolder(t));
  const root = join(folder, "ws");
  const workspace = await openWorkspace({ root, forbidden: [], temporaryDirectory: join(folder, "temporary") });
  await mkdir(join(root, "a"));
  await writeFile(join(root, "a", ".env"), "OPENAI_API_KEY=secret");
  await symlink("a/.env", join(root, "linked"));
  execFileSync("ln", [join(root, "a", ".env"), join(root, "hard")]);
  for (const path of ["a/.env", "a/.ENV", "./b/../a/.env", "linked", "hard", ".env.local", ".envrc"]) {
    await assert.rejects(workspace.read(path), (error) => error instanceof WorkspaceError, path);
    await assert.rejects(workspace.write(path, "x"), fails("forbidden"), path);
  }
  await workspace.write("project/.env.example", "KEY=");
  assert.deepEqual((await workspace.list(".", 9)).files, ["hard", "project/.env.example"]);
});

test("a workspace among our own files is refused when it is opened", async (t) => {
  const home = await temporaryFolder(t);
  const options = { root: join(home, "workspace"), forbidden: [home], temporaryDirectory: join(home, "temporary") };
  await assert.rejects(openWorkspace(options), { name: "SettingsError", reason: "settings" });
});

test("the program's own code is not changed, however it is named; beside it all is free", async (t) => {
  const folder = await realpath(await temporaryFolder(t));
  const [root, checkout] = [join(folder, "ws"), join(folder, "ws", "tools", "autogpt")];
  await mkdir(join(checkout, "src", "base", "process"), { recursive: true });
  const self = join(checkout, "src", "base", "process", "own-program.ts");
  await writeFile(self, "");
  await mkdir(join(checkout, "dist"));
  await symlink("tools/autogpt/dist", join(root, "link"));
  await symlink("tools", join(root, "t"));
  const program = ownProgramFiles(self);
  assert.deepEqual(ownProgramFiles(join(checkout, "dist", "cli.cjs")), program);
  const workspace = await openWorkspace({
    root,
    forbidden: [],
    program,
    temporaryDirectory: join(folder, "temporary"),
  });
  const own = "dist/cli.cjs bin/autogpt.js node_modules/x/index.js package.json SRC/cli.ts build/build.js".split(" ");
  const paths = [
    ...own.map((name) => `tools/autogpt/${name}`),
    "link/cli.cjs",
    "t/autogpt/bin/autogpt.js",
    "tools/node_modules/undici/index.js",
    "node_modules/@anthropic-ai/sandbox-runtime/index.js",
  ];
  for (const path of paths) {
    await assert.rejects(workspace.append(path, "pwned"), fails("forbidden", "belongs to the program itself"), path);
    await assert.rejects(workspace.write(path, "pwned"), fails("forbidden"), path);
    await assert.rejects(workspace.delete(path), WorkspaceError, path);
  }
  for (const path of ["tools/autogpt/notes.md", "dist/cli.cjs", "package.json", "tools/node_modules.txt"])
    assert.deepEqual(await workspace.write(path, "mine"), { changed: true }, path);
  await assert.rejects(
    openWorkspace({
      root: join(checkout, "dist"),
      forbidden: [],
      program,
      temporaryDirectory: join(folder, "temporary"),
    }),
    { name: "SettingsError", message: /belongs to the program itself/ },
  );
});

test("the program that runs now is found where its package.json is", () => {
  assert.ok(ownProgramFiles().includes(join(repository, "package.json")));
});

test("a program that was installed keeps what Node imports for it: every node_modules on the way up", () => {
  const found = ownProgramFiles(fileURLToPath(import.meta.url));
  assert.ok(found.includes("/node_modules"));
  assert.ok(!found.some((path) => path.includes("node_modules/node_modules")));
});

test("the whole disk, a home and what is above it, folders of the system and a repository of git itself are no workspace", async (t) => {
  const folder = await realpath(await temporaryFolder(t));
  const bare = join(folder, "x.git");
  for (const name of ["objects", "refs"]) await mkdir(join(bare, name), { recursive: true });
  await writeFile(join(bare, "HEAD"), "ref: refs/heads/main\n");
  for (const root of ["/", homedir(), dirname(homedir()), "/etc", "/usr/bin", "/dev", "/proc/self/fd", bare]) {
    const opened = openWorkspace({ root, forbidden: [], temporaryDirectory: join(folder, "temporary") });
    await assert.rejects(opened, { name: "SettingsError", message: /Name a folder of its own/ }, root);
  }
});
