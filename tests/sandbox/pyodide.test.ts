import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryFolder } from "../support/program.js";
import { runIn, sandboxOf } from "../support/sandboxes.js";

/** Runs a script in a workspace of its own, which `prepare` may fill; null where there is no Pyodide. */
async function python(t: TestContext, source: string, prepare = async (_workspace: string): Promise<void> => {}) {
  const workspace = await temporaryFolder(t);
  await prepare(workspace);
  const sandbox = await sandboxOf(t, "pyodide", workspace);
  if (sandbox === null) return null;
  await writeFile(join(workspace, "main.py"), source);
  return runIn(sandbox, ["python3", "main.py"]);
}

test("each run has random numbers of its own, and whatever needs fresh ones works", async (t) => {
  const source = `
import os, random, secrets, tempfile, uuid
print(random.random(), secrets.token_hex(8), uuid.uuid4(), random.SystemRandom().random(), os.urandom(4).hex())
print(os.path.isdir(tempfile.mkdtemp()))`;
  const one = await python(t, source);
  const other = await python(t, source);
  if (one === null || other === null) return;
  assert.match(one.stdout, /\nTrue\n$/, one.stderr);
  const words = new Set(`${one.stdout} ${other.stdout}`.replaceAll("True", "").trim().split(/\s+/));
  assert.equal(words.size, 10);
});

test("what is refused is an exception that a script can catch, and the script goes on", async (t) => {
  const source = `
import os, socket, subprocess
def attempt(name, act):
    try: print(name, "done", act())
    except Exception as error: print(name, type(error).__name__)
def listen():
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    return server
def processors():
    from multiprocessing import cpu_count
    return cpu_count() > 0
def pool():
    import multiprocessing
    multiprocessing.Process(target=print).start()
def threads():
    import concurrent.futures
    return concurrent.futures.ThreadPoolExecutor().submit(print).result()
attempt("system", lambda: os.system("clear"))
attempt("processors", processors)
attempt("count", lambda: os.cpu_count())
attempt("pool", pool)
attempt("threads", threads)
attempt("connect", lambda: socket.create_connection(("127.0.0.1", 9), 1))
attempt("listen", listen)
attempt("run", lambda: subprocess.run(["ls"]))
attempt("popen", lambda: os.popen("ls").read())
attempt("fork", os.fork)
attempt("name", lambda: socket.gethostbyname("example.org"))
attempt("terminal", os.get_terminal_size)
attempt("login", os.getlogin)
print("after")`;
  const ended = await python(t, source);
  if (ended === null) return;
  t.diagnostic(ended.stdout.trim().replaceAll("\n", ", "));
  assert.match(ended.stdout, /after\n$/, ended.stderr);
  assert.match(ended.stdout, /^system (PermissionError|OSError)\n/);
  assert.equal(ended.exitCode, 0);
  assert.doesNotMatch(ended.stdout + ended.stderr, /fatal error|node_modules/);
});

test("time zones are those of the machine", async (t) => {
  if (!existsSync("/usr/share/zoneinfo/Europe/Warsaw")) return t.skip("needs time zones in /usr/share/zoneinfo");
  const source = `
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones
print(datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Warsaw")).isoformat(), "Asia/Tokyo" in available_timezones())
try: open("/usr/share/zoneinfo/pwned", "w")
except OSError as error: print(type(error).__name__)`;
  const ended = await python(t, source);
  if (ended === null) return;
  assert.equal(ended.stdout, "2026-07-01T12:00:00+02:00 True\nPermissionError\n", ended.stderr);
});

test("a name that is not UTF-8 hides no other file, and is said", { skip: process.platform !== "linux" }, async (t) => {
  const source = "import os\nprint(sorted(os.listdir('.')), sorted(os.listdir('sub')))\n";
  const ended = await python(t, source, async (workspace) => {
    await mkdir(join(workspace, "sub"));
    await writeFile(Buffer.concat([Buffer.from(`${workspace}/caf`), Buffer.from([0xe9])]), "x");
    await writeFile(Buffer.concat([Buffer.from(`${workspace}/sub/caf`), Buffer.from([0xe9])]), "x");
    await writeFile(join(workspace, "sub", "seen.txt"), "x");
  });
  if (ended === null) return;
  assert.equal(ended.stdout, "['main.py', 'sub'] ['seen.txt']\n");
  assert.equal(ended.stderr, "[Files whose names are not UTF-8 are not seen by Python here.]\n");
});
