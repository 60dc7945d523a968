import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { local } from "../../../src/sandbox/backends/local.js";
import { makeControlGroup } from "../../../src/sandbox/process/control-group.js";
import { folderFacts } from "../../../src/sandbox/folder-facts.js";
import { holdingsOf, processTree } from "../../../src/sandbox/process/processes.js";
import type { Sandbox } from "../../../src/sandbox/sandbox.js";
import { processesWith } from "../../support/processes.js";
import { temporaryFolder } from "../../support/program.js";
import { limits, runIn, sandboxOf } from "../../support/sandboxes.js";
import { needsPrograms, systemPython } from "../../support/services/services.js";
import { sourceLoader } from "../../support/source-loader.js";

const linuxOnly = process.platform === "linux" ? false : "Linux only";
const mega = 1024 * 1024;

async function worldOf(t: TestContext): Promise<{ workspace: string; sandbox: Sandbox } | null> {
  const workspace = await mkdtemp(join(tmpdir(), "autogpt-test-"));
  // Node cannot remove what lies deeper than a path can name.
  t.after(() => execFileSync("rm", ["-rf", workspace]));
  const sandbox = await sandboxOf(t, "bubblewrap", workspace);
  return sandbox && { workspace, sandbox };
}

/** Goes down 40 folders of 200 letters, far below what a path can name, and runs the rest there. */
const farBelow = (rest: string): string => `
import os, time
for _ in range(40):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
${rest}`;

async function python({ workspace, sandbox }: { workspace: string; sandbox: Sandbox }, source: string, changed = {}) {
  await writeFile(join(workspace, "attack.py"), source);
  return runIn(sandbox, ["python3", "attack.py"], changed);
}

test("arguments that are longer than the system takes are told so", { skip: linuxOnly }, async (t) => {
  const workspace = await temporaryFolder(t);
  const path = process.env["PATH"] ?? "";
  for (const sandbox of [local({ workspace, path }), await sandboxOf(t, "bubblewrap", workspace)]) {
    if (sandbox === null) continue;
    await assert.rejects(runIn(sandbox, ["echo", "x".repeat(200_000)]), {
      name: "SandboxError",
      message: /an argument is longer than the system allows .*Write long texts into a file and name that\.$/,
    });
  }
});

test("what lies deeper than a path can name counts for the disk limit", { skip: linuxOnly }, async (t) => {
  const world = await worldOf(t);
  if (world === null) return;
  const writing = `
for n in range(80):
    with open(f"f{n}", "wb") as file: file.write(os.urandom(1_000_000))
print("written", flush=True)
time.sleep(15)`;
  const ended = await python(world, farBelow(writing));
  assert.equal(ended.endedBy, "disk", JSON.stringify(ended));
});

test("what lies deeper than a path can name loses the rights of its owner", { skip: linuxOnly }, async (t) => {
  const world = await worldOf(t);
  if (world === null || process.getuid?.() !== 0) return;
  const marking = `
for _ in range(60):
    os.mkdir("d")
    os.chdir("d")
open("own", "w").close()
os.chmod("own", 0o6755)`;
  assert.equal((await python(world, farBelow(marking))).exitCode, 0);
  const asking = `
import os
for name in ["d" * 200] * 40 + ["d"] * 60: os.chdir(name)
print(oct(os.stat("own").st_mode & 0o7777))`;
  assert.equal((await python(world, asking)).stdout, "0o755\n");
});

test(
  "a folder that a program closes counts as too much, one that was closed before does not",
  { skip: linuxOnly },
  async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(join(folder, "deep", "closed"), { recursive: true });
    await writeFile(join(folder, "deep", "closed", "a.txt"), "text");
    await symlink("/", join(folder, "deep", "link"));
    const open = await folderFacts(folder);
    assert.deepEqual([open.entries, open.closed, open.complete], [4, 0, true]);
    assert.equal((await folderFacts(folder)).print, open.print);
    const cut = await folderFacts(folder, 3);
    assert.equal(cut.complete, false);
    assert.notEqual((await folderFacts(folder, 3)).print, cut.print);
    await chmod(join(folder, "deep", "closed"), 0o000);
    const closed = await folderFacts(folder);
    await chmod(join(folder, "deep", "closed"), 0o700);
    assert.equal(closed.closed, process.getuid?.() === 0 ? 0 : 1);
  },
);

const hiding = {
  "a file in RAM without a name": `
fds = [os.memfd_create(f"m{n}") for n in range(5)]
for fd in fds: os.write(fd, bytes(150_000_000))`,
  "the file systems in RAM": `
for n in range(10):
    with open(("/tmp" if n % 2 else "/dev/shm") + f"/f{n}", "wb") as file: file.write(bytes(70_000_000))`,
  "memory that a child shares": `
import mmap
maps = [mmap.mmap(-1, 150_000_000) for n in range(5)]
for one in maps: one.write(bytes(150_000_000))`,
};

for (const [what, source] of Object.entries(hiding)) {
  test(`the memory limit counts ${what}`, { skip: linuxOnly }, async (t) => {
    const world = await worldOf(t);
    if (world === null) return;
    const ended = await python(world, `import os, time\n${source}\nprint("held", flush=True)\ntime.sleep(15)\n`, {
      memory: 200 * mega,
      disk: 1024 * mega,
    });
    assert.ok(ended.endedBy === "memory" || /No space left|MemoryError/.test(ended.stderr), JSON.stringify(ended));
  });
}

test(
  "a control group counts what is on its way to another process, and is gone afterwards",
  { skip: linuxOnly },
  async (t) => {
    const workspace = await temporaryFolder(t);
    const group = await makeControlGroup({ ...limits, memory: 200 * mega });
    if (group === null || group.members.length < 2)
      return t.skip("needs the right to make control groups of version 1");
    await group.close();
    const sandbox = local({ workspace, path: process.env["PATH"] ?? "" });
    const source = `
import os, socket, time
one, other = socket.socketpair()
for n in range(5):
    fd = os.memfd_create("m")
    os.write(fd, bytes(150_000_000))
    socket.send_fds(one, [b"x"], [fd])
    os.close(fd)
print("held", flush=True)
time.sleep(15)`;
    await writeFile(join(workspace, "a.py"), source);
    const ended = await runIn(sandbox, ["python3", "a.py"], { memory: 200 * mega, disk: 1024 * mega });
    assert.equal(ended.endedBy, "memory", JSON.stringify(ended));
    for (const file of group.members) assert.equal(existsSync(file), false);
  },
);

test("files in RAM are added up once, mapped or not, and are no disk", { skip: linuxOnly }, async (t) => {
  if (!(await needsPrograms(t, systemPython))) return;
  const source = `
import os, mmap, time
fd = os.memfd_create("m")
os.write(fd, bytes(100_000_000))
again = os.dup(fd)
seen = mmap.mmap(fd, 0)
sum(seen[::4096])
print("ready", flush=True)
time.sleep(60)`;
  const child = spawn("/usr/bin/python3", ["-c", source], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  try {
    await once(child.stdout, "data");
    const { memory, disk } = await holdingsOf(await processTree(child.pid as number));
    assert.equal(disk, 0);
    assert.ok(memory > 100_000_000 && memory < 160_000_000, String(memory));
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
});

test(
  "nothing confines it: a child that left its session dies when this program is killed",
  { skip: linuxOnly },
  async (t) => {
    const workspace = await temporaryFolder(t);
    const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const starter = `
    const { local } = await import(${here("../../../src/sandbox/backends/local.ts")});
    const { limits } = await import(${here("../../support/sandboxes.ts")});
    const sandbox = local({ workspace: ${JSON.stringify(workspace)}, path: process.env.PATH });
    const line = "setsid sleep 41.4243 >/dev/null 2>&1 & setsid sh -c 'echo > begun; sleep 41.4243'; sleep 41.4243";
    await sandbox.start(["/bin/sh", "-c", line], { limits, signal: new AbortController().signal });
  `;
    const parent = spawn(process.execPath, ["--import", sourceLoader, "--input-type=module", "-e", starter], {
      stdio: "inherit",
    });
    const exited = once(parent, "exit");
    while (!(await readdir(workspace)).includes("begun")) {
      assert.equal(parent.exitCode, null);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(processesWith("41.4243").length >= 3);
    parent.kill("SIGKILL");
    await exited;
    const deadline = Date.now() + 10_000;
    while (processesWith("sleep 41.4243").length > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(processesWith("sleep 41.4243"), []);
  },
);

test(
  "nothing confines it: a program whose parts the kernel ends for want of memory is said to",
  { skip: linuxOnly },
  async (t) => {
    if (process.getuid?.() !== 0) return t.skip("root only");
    const workspace = await temporaryFolder(t);
    const sandbox = local({ workspace, path: process.env["PATH"] ?? "" });
    const source = "import os\\nfor n in range(5): os.write(os.memfd_create('m'), bytes(150_000_000))";
    const ended = await runIn(sandbox, ["/bin/sh", "-c", `printf "${source}" >a.py; python3 a.py`], {
      memory: 200 * mega,
      disk: 1024 * mega,
    });
    assert.equal(ended.endedBy, "memory", JSON.stringify(ended));
  },
);
