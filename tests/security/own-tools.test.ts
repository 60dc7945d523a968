import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, realpath, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { protectionWith } from "../../src/protection/protection.js";
import { chooseSandbox } from "../../src/sandbox/choose.js";
import { shellCommand } from "../../src/sandbox/shell-command.js";
import type { Sandbox } from "../../src/sandbox/sandbox.js";
import { openWorkspace, type Workspace } from "../../src/workspace/workspace.js";
import { temporaryFolder } from "../support/program.js";
import { pyodideCache, runIn, sandboxOf } from "../support/sandboxes.js";

/** What people's tools run or obey by themselves. */
const readable = [
  ".git/config",
  ".git/hooks/pre-commit",
  ".git/HEAD",
  "sub/.git",
  ".gitmodules",
  ".husky/pre-commit",
  "lefthook.yml",
  ".pre-commit-config.yaml",
  ".lintstagedrc.json",
  "mise.toml",
  ".tool-versions",
  ".bashrc",
  ".zshenv",
  ".tmux.conf",
  ".vscode/tasks.json",
  ".vscode/settings.json",
  ".idea/workspace.xml",
  ".vimrc",
  ".exrc",
  ".nvim.lua",
  ".dir-locals.el",
  ".devcontainer/devcontainer.json",
  "CLAUDE.md",
  "docs/AGENTS.md",
  ".claude/settings.json",
  ".codex/config.toml",
  ".cursor/rules/a.mdc",
  ".gemini/settings.json",
  ".mcp.json",
  ".github/workflows/ci.yml",
  ".gitlab-ci.yml",
  ".npmrc",
  ".yarnrc.yml",
  ".pnpmfile.cjs",
  ".cargo/config.toml",
  ".mvn/extensions.xml",
  "gradlew",
  "sitecustomize.py",
  "lib/evil.pth",
  ".pdbrc",
  ".Rprofile",
  ".gdbinit",
  ".lldbinit",
  ".ipython/profile_default/startup/a.py",
];
const secret = [".env", "app/.env.production", ".envrc", ".netrc"];
const all = [...readable, ...secret];

type World = { root: string; workspace: Workspace; taken: string };

async function worldOf(t: TestContext, present: readonly string[]): Promise<World> {
  const folder = await realpath(await temporaryFolder(t));
  const root = join(folder, "project");
  await mkdir(root);
  for (const path of present) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), `theirs: ${path}\n`);
  }
  const forbidden = [join(root, ".autogpt")];
  const workspace = await openWorkspace({ root, forbidden, temporaryDirectory: join(folder, "temporary") });
  return { root, workspace, taken: join(folder, "taken") };
}

test("file commands write none of what people's tools run by themselves, and read what is no secret", async (t) => {
  const there = await worldOf(t, all);
  const empty = await worldOf(t, []);
  async function* bytes() {
    yield Buffer.from("downloaded");
  }
  for (const path of all) {
    for (const { workspace } of [there, empty]) {
      await assert.rejects(workspace.write(path, "evil"), { kind: "forbidden" }, path);
      await assert.rejects(workspace.append(path, "evil"), { kind: "forbidden" }, path);
      await assert.rejects(workspace.save(path, bytes()), { kind: "forbidden" }, path);
    }
    await assert.rejects(there.workspace.delete(path), { kind: "forbidden" }, path);
    assert.equal(await readFile(join(there.root, path), "utf8"), `theirs: ${path}\n`);
  }
  for (const path of readable) assert.equal((await there.workspace.read(path)).toString(), `theirs: ${path}\n`);
  for (const path of secret) await assert.rejects(there.workspace.read(path), { kind: "forbidden" }, path);
  assert.deepEqual(await readdir(empty.root), []);
});

test("through links, and in a repository that is not called .git, nothing is written either", async (t) => {
  const { root, workspace } = await worldOf(t, [
    ".git/config",
    "bare/HEAD",
    "bare/objects/a",
    "bare/refs/b",
    "bare/config",
  ]);
  await symlink(".git", join(root, "door"));
  await symlink(".git/config", join(root, "file"));
  for (const path of ["door/config", "door/hooks/pre-commit", "file", "bare/config", "bare/hooks/post-commit"])
    await assert.rejects(workspace.write(path, "evil"), { kind: "forbidden" }, path);
  await workspace.write("fresh/config", "[core]");
  await workspace.write("fresh/objects/x", "x");
  await workspace.write("fresh/HEAD", "ref: refs/heads/main");
  await assert.rejects(workspace.write("fresh/refs/x", "x"), { kind: "forbidden" });
  assert.deepEqual(
    (await workspace.list("", 99)).files.filter((file) => file.startsWith(".git")),
    [],
  );
});

const python = (paths: readonly string[]): string => `
import os
paths = ${JSON.stringify(paths)}
for path in paths:
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "w") as file: file.write("evil")
    except OSError: pass
for path in paths:
    try: os.remove(path)
    except OSError: pass
for path in paths:
    for folder in [path.split("/")[0]] if path.startswith(".") else [path]:
        try: os.rename(folder, "moved-" + folder.strip(".").replace("/", "-"))
        except OSError: pass
for path in paths:
    try: print(path, repr(open(path).read()))
    except OSError as error: print(path, type(error).__name__)
try: print("autogpt", os.listdir(".autogpt"))
except OSError as error: print("autogpt", type(error).__name__)
open("mine.txt", "w").write("fine")
`;

async function guardedBy(t: TestContext, backend: "bubblewrap" | "pyodide", world: World): Promise<Sandbox | null> {
  if ((await sandboxOf(t, backend, world.root)) === null) return null;
  const { sandbox } = await chooseSandbox("python", {
    wanted: backend,
    workspace: world.root,
    forbidden: [join(world.root, ".autogpt"), join(world.root, "ai_settings.yaml")],
    program: [],
    protection: protectionWith(),
    network: false,
    image: "",
    cache: pyodideCache,
    takenFolder: world.taken,
    path: process.env["PATH"] ?? "",
    dockerEnvironment: {},
  });
  return sandbox;
}

for (const backend of ["bubblewrap", "pyodide"] as const) {
  test(`${backend}: code changes nothing of it, makes none of it anew, and reads no secret`, async (t) => {
    const there = await worldOf(t, [...all, ".autogpt/runs/journal"]);
    const sandbox = await guardedBy(t, backend, there);
    if (sandbox === null) return;
    await writeFile(join(there.root, "attack.py"), python(all));
    const { stdout, stderr, takenBack = [] } = await runIn(sandbox, ["python3", "attack.py"]);
    assert.ok(existsSync(join(there.root, "mine.txt")), stderr + stdout);
    for (const path of all) assert.equal(await readFile(join(there.root, path), "utf8"), `theirs: ${path}\n`, path);
    for (const path of readable) assert.ok(stdout.includes(`${path} 'theirs: ${path}\\n'`), `${path} is read`);
    assert.ok(!secret.some((path) => stdout.includes(`theirs: ${path}\\n`)), stdout);
    assert.ok(!stdout.includes("journal"), stdout);
    assert.deepEqual(takenBack, []);

    const empty = await worldOf(t, []);
    const other = await guardedBy(t, backend, empty);
    await writeFile(
      join(empty.root, "attack.py"),
      python(all)
        .replace("os.remove(path)", "pass")
        .replace(/os\.rename\(.*\)/, "pass"),
    );
    const made = await runIn(other as Sandbox, ["python3", "attack.py"]);
    for (const path of all) assert.ok(!existsSync(join(empty.root, path)), path);
    if (backend === "bubblewrap") {
      assert.ok(made.takenBack?.includes(".git") && made.takenBack.includes("docs/AGENTS.md"), String(made.takenBack));
      const [folder = ""] = await readdir(empty.taken);
      assert.equal(await readFile(join(empty.taken, folder, ".git/config"), "utf8"), "evil");
    }
  });
}

test("a shell cannot put another repository in the place of one by moving the folder around it", async (t) => {
  const world = await worldOf(t, ["repo/.git/config", "repo/.git/hooks/a", "linked/x"]);
  await symlink("../linked", join(world.root, "repo", ".husky"));
  const sandbox = await guardedBy(t, "bubblewrap", world);
  if (sandbox === null) return;
  const line =
    "mv repo old; mkdir repo; cp -r old/.git repo/.git; echo evil >repo/.git/config; rm -f old/.husky; mkdir -p old/.husky; " +
    "mkdir -p y/objects y/refs; echo ref >y/HEAD; echo evil >y/config; git init -q z 2>/dev/null; echo done";
  const { stdout, takenBack = [] } = await runIn(sandbox, shellCommand(line));
  assert.match(stdout, /done/);
  assert.ok(!existsSync(join(world.root, "repo/.git")));
  assert.equal(await readFile(join(world.root, "old/.git/config"), "utf8"), "theirs: repo/.git/config\n");
  for (const path of ["repo/.git", "old/.husky", "y"]) assert.ok(takenBack.includes(path), `${path}: ${takenBack}`);
});

test("who renames the folders on the way to a protected place takes nothing along, and a link in their stead leads nowhere", async (t) => {
  const world = await worldOf(t, ["gradle/wrapper/a.properties", "gradle/libs.toml", "linked/x"]);
  const outside = await realpath(await temporaryFolder(t));
  await symlink("x", join(world.root, "linked", ".vscode"));
  const sandbox = await guardedBy(t, "bubblewrap", world);
  if (sandbox === null) return;
  const line = `mv gradle g2; mv linked l2; mv l2/.vscode l2/v; ln -s ${outside} linked; ln -s ${outside} gradle; echo done`;
  const { stdout } = await runIn(sandbox, shellCommand(line));
  assert.match(stdout, /done/);
  assert.deepEqual(await readdir(outside), []);
  const again = await runIn(sandbox, shellCommand("mv gradle g3; echo done"));
  assert.match(again.stdout, /done/);
  assert.equal(
    await readFile(join(world.root, "gradle/wrapper/a.properties"), "utf8"),
    "theirs: gradle/wrapper/a.properties\n",
  );
  assert.ok(existsSync(join(world.root, "g2/libs.toml")) && !existsSync(join(world.root, "g3/wrapper")));
});

test("what the user makes anew meanwhile in the place of a file that was there is left alone", async (t) => {
  const world = await worldOf(t, [".envrc", "CLAUDE.md"]);
  const sandbox = await guardedBy(t, "bubblewrap", world);
  if (sandbox === null) return;
  const running = await sandbox.start(shellCommand("while [ ! -e go ]; do sleep 0.1; done"), {
    limits: { seconds: 20, memory: 2 ** 29, processes: 32, disk: 2 ** 25, output: 65536 },
    signal: new AbortController().signal,
  });
  execFileSync("sh", ["-c", "echo user >CLAUDE.md.new; mv CLAUDE.md.new CLAUDE.md; touch go"], { cwd: world.root });
  const { takenBack } = await running.ended;
  assert.equal(takenBack, undefined);
  assert.equal(await readFile(join(world.root, "CLAUDE.md"), "utf8"), "user\n");
});
