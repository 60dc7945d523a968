import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Sandbox } from "../../src/sandbox/sandbox.js";
import { openWorkspace } from "../../src/workspace/workspace.js";
import { processesWith } from "../support/processes.js";
import { long, temporaryFolder } from "../support/program.js";
import { runIn, sandboxOf } from "../support/sandboxes.js";
import { sourceLoader } from "../support/source-loader.js";

const backends = ["bubblewrap", "pyodide"] as const;
type World = { folder: string; workspace: string; sandbox: Sandbox };

/** A workspace in a folder that holds secrets of ours. */
async function worldOf(t: TestContext, backend: (typeof backends)[number]): Promise<World | null> {
  const folder = await temporaryFolder(t);
  const opened = await openWorkspace({
    root: join(folder, "workspace"),
    forbidden: [],
    temporaryDirectory: join(folder, ".autogpt"),
  });
  await writeFile(join(folder, ".env"), "OPENAI_API_KEY=sk-planted-in-env-file\n");
  const sandbox = await sandboxOf(t, backend, opened.root);
  return sandbox === null ? null : { folder, workspace: opened.root, sandbox };
}

async function python(world: World, source: string, changed = {}) {
  await writeFile(join(world.workspace, "attack.py"), source);
  const startedAt = performance.now();
  const ended = await runIn(world.sandbox, ["python3", "attack.py"], changed);
  return { ...ended, ms: performance.now() - startedAt };
}

/** Every attack reports its own success; what is refused raises. */
const attacks = (folder: string, port: number): string => `
import os, socket, sys, urllib.request
def attempt(name, act):
    try:
        print("SUCCEEDED", name, repr(act())[:200], flush=True)
    except BaseException as error:
        print("refused", name, type(error).__name__, flush=True)
def write(path):
    with open(path, "w") as file: file.write("pwned")
    return path if os.path.exists(path) else None
def connect():
    with socket.create_connection(("127.0.0.1", ${port}), 2) as link: return link.sendall(b"hello")
attempt("shadow", lambda: open("/etc/shadow").read())
attempt("passwd", lambda: open("/etc/passwd").read())
attempt("env file", lambda: open(${JSON.stringify(`${folder}/.env`)}).read())
attempt("env file above", lambda: open("../.env").read())
attempt("home", lambda: os.listdir("/root") or 1/0)
attempt("homes", lambda: [name for name in os.listdir("/home") if name not in ("web_user", "pyodide")][0])
attempt("write outside", lambda: write(${JSON.stringify(`${folder}/pwned`)}))
attempt("write above", lambda: write("/workspace/../../pwned"))
attempt("write root", lambda: write("/etc/pwned"))
attempt("write program", lambda: write("/usr/bin/pwned"))
attempt("kernel", lambda: write("/proc/sys/kernel/core_pattern"))
attempt("environment of the parent", lambda: [entry for entry in open(f"/proc/{os.getppid()}/environ").read().split(chr(0)) if "planted" in entry][0])
attempt("environment", lambda: [name for name in os.environ.values() if "planted" in name][0])
attempt("loopback", connect)
attempt("loopback by http", lambda: urllib.request.urlopen("http://127.0.0.1:${port}/", timeout=2).read())
attempt("kill the parent", lambda: [os.kill(pid, 9) for pid in [os.getppid(), ${process.pid}] if pid > 1] and 1/0)
attempt("chroot", lambda: os.chroot("/"))
attempt("root", lambda: os.setuid(0))
attempt("raw disk", lambda: [name for name in os.listdir("/dev") if name.startswith(("sd", "vd", "nvme", "mem"))][0])
open("inside.txt", "w").write("fine")
print("done")
`;

for (const backend of backends) {
  test(`CVE-2023-37273, ${backend}: nothing outside the workspace is read, written, reached or killed`, async (t) => {
    const world = await worldOf(t, backend);
    if (world === null) return;
    let connections = 0;
    const server = createServer((socket) => ((connections += 1), socket.destroy()));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const before = await readFile("/proc/sys/kernel/core_pattern", "utf8");
    process.env["PLANTED_KEY"] = "planted-in-environment";
    t.after(() => delete process.env["PLANTED_KEY"]);

    const { stdout, stderr } = await python(world, attacks(world.folder, (server.address() as AddressInfo).port));
    assert.match(stdout, /done\n$/, stderr);
    assert.doesNotMatch(stdout, /SUCCEEDED(?! (passwd|write above|root|kill the parent) )/);
    assert.doesNotMatch(stdout, /planted|root:x/);
    assert.equal(connections, 0);
    assert.equal(await readFile("/proc/sys/kernel/core_pattern", "utf8"), before);
    assert.deepEqual((await readdir(world.folder)).sort(), [".autogpt", ".env", "workspace"]);
    assert.ok(!existsSync("/etc/pwned") && !existsSync("/usr/bin/pwned") && !existsSync("/pwned"));
    assert.equal(await readFile(join(world.workspace, "inside.txt"), "utf8"), "fine");
  });

  test(`${backend}: the time limit ends an endless script, and no process is left`, async (t) => {
    const world = await worldOf(t, backend);
    if (world === null) return;
    const source =
      "import signal\ntry: signal.signal(signal.SIGTERM, signal.SIG_IGN)\nexcept Exception: pass\nprint('begun', flush=True)\nwhile True: pass\n";
    // It computes for as long as it may: that is little, and more where the machine is too slow for it to begin by then.
    for (let seconds = 0.5; ; seconds *= 2) {
      const { timedOut, stdout } = await python(world, source, { seconds });
      assert.equal(timedOut, true);
      if (seconds < 30 && !stdout.includes("begun")) continue;
      assert.match(stdout, /begun/);
      break;
    }
    assert.deepEqual(processesWith(world.workspace), []);
  });

  test(`${backend}: a script that fills the disk, or memory, is ended, and says so`, async (t) => {
    const world = await worldOf(t, backend);
    if (world === null) return;
    const full = await python(
      world,
      "for n in range(10_000):\n    with open(f'file{n}', 'wb') as file: file.write(bytes(1_000_000))\n",
    );
    assert.ok(full.endedBy === "disk" || full.exitCode !== 0, JSON.stringify(full));
    const names = (await readdir(world.workspace)).filter((name) => name.startsWith("file"));
    t.diagnostic(`${names.length} MB were written with a limit of 40 MB`);
    assert.ok(names.length < 1_500, `${names.length} MB were written`);

    const source = "kept = []\nwhile True: kept.append(bytearray(10_000_000))\n";
    const hungry = await python(world, source, { memory: 128 * 1024 * 1024 });
    assert.ok(hungry.endedBy === "memory" || /MemoryError/.test(hungry.stderr), JSON.stringify(hungry));
  });

  // In Pyodide no link can be made at all, as the test of js.process shows.
  if (long || backend === "bubblewrap")
    test(`${backend}: a link that a script leaves behind leads the next file command nowhere`, async (t) => {
      const world = await worldOf(t, backend);
      if (world === null) return;
      const { stdout } = await python(
        world,
        `import os
for target in (${JSON.stringify(`${world.folder}/.env`)}, "/etc/passwd", "../.env"):
    try: os.symlink(target, f"link{len(os.listdir('.'))}.txt")
    except OSError as error: print(type(error).__name__)
try: os.link(${JSON.stringify(`${world.folder}/.env`)}, "hard.txt")
except OSError as error: print(type(error).__name__)
`,
      );
      t.diagnostic(stdout.trim().replaceAll("\n", ", "));
      const workspace = await openWorkspace({
        root: world.workspace,
        forbidden: [],
        temporaryDirectory: join(world.folder, ".autogpt"),
      });
      for (const name of await readdir(world.workspace)) {
        if (name === "attack.py") continue;
        await assert.rejects(workspace.read(name), { name: "WorkspaceError" });
        await assert.rejects(workspace.write(name, "pwned"), { name: "WorkspaceError" });
      }
      assert.match(await readFile(join(world.folder, ".env"), "utf8"), /planted-in-env-file/);
    });

  test(`${backend}: a script can be stopped, and a signal that is already aborted starts nothing that stays`, async (t) => {
    const world = await worldOf(t, backend);
    if (world === null) return;
    await writeFile(join(world.workspace, "attack.py"), "import time\ntime.sleep(1000)\n");
    const ended = await runIn(world.sandbox, ["python3", "attack.py"], {}, AbortSignal.abort());
    assert.equal(ended.endedBy, "stopped");
    assert.deepEqual(processesWith(world.workspace), []);
  });

  test(`${backend}: when this program is killed, what it started dies`, async (t) => {
    const world = await worldOf(t, backend);
    if (world === null) return;
    await writeFile(
      join(world.workspace, "attack.py"),
      "import time\nopen('begun', 'w').close()\nwhile True: time.sleep(0.01)\n",
    );
    const starter = `
      const { sandboxOf } = await import(${JSON.stringify(new URL("../support/sandboxes.ts", import.meta.url).href)});
      const { limits } = await import(${JSON.stringify(new URL("../support/sandboxes.ts", import.meta.url).href)});
      const sandbox = await sandboxOf({ skip() {} }, ${JSON.stringify(backend)}, ${JSON.stringify(world.workspace)});
      await sandbox.start(["python3", "attack.py"], { limits, signal: new AbortController().signal });
    `;
    const parent = spawn(process.execPath, ["--import", sourceLoader, "--input-type=module", "-e", starter], {
      stdio: "inherit",
    });
    const exited = once(parent, "exit");
    while (!existsSync(join(world.workspace, "begun"))) {
      assert.equal(parent.exitCode, null);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    parent.kill("SIGKILL");
    await exited;
    const deadline = Date.now() + 5_000;
    while (processesWith(world.workspace).length > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(processesWith(world.workspace), []);
  });
}

test("bubblewrap: a fork bomb is held, ends with its time, and leaves no process", async (t) => {
  const world = await worldOf(t, "bubblewrap");
  if (world === null) return;
  const startedAt = performance.now();
  const ended = await runIn(world.sandbox, ["/bin/sh", "-c", "f() { f | f & }; f; sleep 31.4159"], { seconds: 0.5 });
  assert.ok(performance.now() - startedAt < 25_000, "its sleep was not waited for");
  assert.ok(ended.endedBy !== null || /fork/i.test(ended.stderr), JSON.stringify(ended));
  assert.deepEqual(processesWith("31.4159"), []);
});

test("bubblewrap: children that leave their group and their session end with the script", async (t) => {
  const world = await worldOf(t, "bubblewrap");
  if (world === null) return;
  const line = "setsid nohup sleep 27.1828 >/dev/null 2>&1 & echo started";
  const { stdout, exitCode } = await runIn(world.sandbox, ["/bin/sh", "-c", line]);
  assert.deepEqual([stdout, exitCode], ["started\n", 0]);
  assert.deepEqual(processesWith("27.1828"), []);
});

test("bubblewrap: no program with the rights of its owner is left behind", async (t) => {
  const world = await worldOf(t, "bubblewrap");
  if (world === null) return;
  await runIn(world.sandbox, ["/bin/sh", "-c", "cp /usr/bin/id own; chmod 6755 own"]);
  const { stdout } = await runIn(world.sandbox, ["/bin/sh", "-c", "stat -c %a own"]);
  assert.equal(stdout, process.getuid?.() === 0 ? "755\n" : stdout);
});

/** Tried from JavaScript, which Python can reach; the process is kept alive so that promises are carried out. */
const fromJavaScript = (port: number): string => `
import os
from pyodide.code import run_js
try: print("SUCCEEDED fork", os.fork())
except BaseException as error: print("refused fork", type(error).__name__)
run_js("""
process.reallyExit = () => {};
const at = (name) => import("node:" + name);
const attacks = {
  read: async () => (await at("fs")).readFileSync("/etc/passwd", "utf8").length,
  environ: async () => (await at("fs")).readFileSync("/proc/self/environ", "utf8").length,
  write: async () => (await at("fs")).writeFileSync("/tmp/pwned-by-pyodide", "x") ?? "written",
  link: async () => (await at("fs")).symlinkSync("/etc", "/workspace/etc") ?? "linked",
  linkLater: async () => (await (await at("fs/promises")).symlink("/etc", "etc")) ?? "linked",
  spawn: async () => (await at("child_process")).spawnSync("id").stdout.length,
  worker: async () => new (await at("worker_threads")).Worker("1", { eval: true }),
  net: async () => (await at("net")).connect(${port}, "127.0.0.1"),
  netDefault: async () => new (await at("net")).default.Socket().connect(${port}, "127.0.0.1"),
  http: async () => (await at("http")).get("http://127.0.0.1:${port}/"),
  agent: async () => (await at("http")).default.globalAgent.createConnection({ port: ${port} }),
  http2: async () => (await at("http2")).connect("http://127.0.0.1:${port}"),
  tls: async () => (await at("tls")).connect(${port}),
  udp: async () => (await at("dgram")).createSocket("udp4"),
  dns: async () => (await at("dns/promises")).lookup("localhost"),
  fetch: async () => fetch("http://127.0.0.1:${port}/"),
  socket: async () => new WebSocket("ws://127.0.0.1:${port}/").url,
  data: async () => import("data:text/javascript,import net from 'node:net'; export default net.connect(${port})"),
  kill: async () => process.kill(process.ppid, 9) || "killed",
  killLater: async () => (await at("process")).default.kill(process.ppid, 9) || "killed",
  constructor: async () => [].constructor.constructor("return process")().kill(process.ppid, 9) || "killed",
  debug: async () => process._debugProcess(process.ppid) ?? "debugged",
  priority: async () => (await at("os")).setPriority(process.ppid, 19) ?? "slowed",
  inspector: async () => (await at("inspector")).open(0) ?? "opened",
  builtin: async () => process.getBuiltinModule("net").connect(${port}),
  require: async () => (await at("module")).createRequire("/")("net"),
  load: async () => (await at("module")).default._load("net"),
  binding: async () => process.binding("tcp_wrap").TCP.name,
  linked: async () => process._linkedBinding("tcp_wrap"),
  native: async () => process.dlopen({ exports: {} }, "/workspace/x.node") ?? "loaded",
  engine: async () => (await at("crypto")).setEngine("/workspace/x.so"),
  flags: async () => (await at("v8")).setFlagsFromString("--allow-natives-syntax") ?? "set",
  sqlite: async () => new (await at("sqlite")).DatabaseSync("/tmp/pwned-by-pyodide"),
  wasi: async () => new (await at("wasi")).WASI({ version: "preview1" }),
  environment: async () => { if (Object.keys(process.env).length > 0) return "environment"; throw new Error("empty"); },
};
(async () => {
  for (const name in attacks) {
    try { console.log("SUCCEEDED", name, String(await attacks[name]())); } catch (error) { console.log("refused", name); }
  }
  console.log("all tried", Object.keys(attacks).length);
})(); 0
""")
`;

test("pyodide: through js.process nothing can be reached, written, started or killed; a link inside is followed", async (t) => {
  const world = await worldOf(t, "pyodide");
  if (world === null) return;
  let connections = 0;
  const server = createServer((socket) => ((connections += 1), socket.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  await writeFile(join(world.workspace, "target.txt"), "inside");
  await symlink("target.txt", join(world.workspace, "link.txt"));
  const { port } = server.address() as AddressInfo;
  const { stdout, stderr } = await python(world, `print(open("link.txt").read())\n${fromJavaScript(port)}`);
  assert.match(stdout, /^inside\n/);
  assert.match(stdout, /all tried 35/, stderr);
  assert.match(stdout, /refused fork/);
  assert.doesNotMatch(stdout, /SUCCEEDED/);
  assert.equal(connections, 0);
  assert.ok(!existsSync("/tmp/pwned-by-pyodide"));
  assert.ok(!existsSync(join(world.workspace, "etc")));
});

test("pyodide: a workspace with a link that leads out is refused", async (t) => {
  const world = await worldOf(t, "pyodide");
  if (world === null) return;
  await writeFile(join(world.workspace, "target.txt"), "inside");
  await mkdir(join(world.workspace, "deep"));
  for (const [target, name, problem] of [
    ["../.env", "out.txt", "leads out of the workspace"],
    ["../target.txt", "deep/moved.txt", 'leads through ".."'],
  ] as const) {
    const link = join(world.workspace, name);
    await symlink(target, link);
    await assert.rejects(python(world, "print('ran')"), (thrown: Error) => {
      assert.equal(thrown.name, "SandboxError");
      return thrown.message.includes(`the link ${JSON.stringify(name)} ${problem}`);
    });
    await rm(link);
  }
});
