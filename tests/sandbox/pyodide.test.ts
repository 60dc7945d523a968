import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryFolder } from "../support/program.js";
import { runIn, sandboxOf } from "../support/sandboxes.js";
import { wholeFile } from "../support/services/services.js";

const file = wholeFile();

/** Runs a script in a workspace of its own, which `prepare` may fill; null where there is no Pyodide. */
async function python(source: string, prepare = async (_workspace: string): Promise<void> => {}) {
  const workspace = await temporaryFolder(file);
  await prepare(workspace);
  const sandbox = await sandboxOf(file, "pyodide", workspace);
  if (sandbox === null) return null;
  await writeFile(join(workspace, "main.py"), source);
  // One run does what four tests look at, while others compute as well.
  return runIn(sandbox, ["python3", "main.py"], { seconds: 90 });
}

const random = `
import os, random, secrets, tempfile, uuid
print(random.random(), secrets.token_hex(8), uuid.uuid4(), random.SystemRandom().random(), os.urandom(4).hex())
print(os.path.isdir(tempfile.mkdtemp()))
`;

const refused = `
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
print("after")
`;

const zones = `
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones
try: print(datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Warsaw")).isoformat(), "Asia/Tokyo" in available_timezones())
except Exception as error: print(type(error).__name__)
try: open("/usr/share/zoneinfo/pwned", "w")
except OSError as error: print(type(error).__name__)
`;

const names = "print(sorted(os.listdir('.')), sorted(os.listdir('sub')))\n";

const mark = "-- next --\n";
const inOrder = [random, refused, zones, names];

/** A second is what it takes to start Python: one run prints what all tests look at, in this order. */
const shared = await python(inOrder.join(`print(${JSON.stringify(mark.trim())})\n`), async (workspace) => {
  await mkdir(join(workspace, "sub"));
  await writeFile(join(workspace, "sub", "seen.txt"), "x");
  if (process.platform !== "linux") return;
  await writeFile(Buffer.concat([Buffer.from(`${workspace}/caf`), Buffer.from([0xe9])]), "x");
  await writeFile(Buffer.concat([Buffer.from(`${workspace}/sub/caf`), Buffer.from([0xe9])]), "x");
});

/** What a part of the script printed; null, and the test skipped, where there is no Pyodide. */
function printed(t: TestContext, part: string): string | null {
  if (shared === null) {
    t.skip(file.problem);
    return null;
  }
  const parts = shared.stdout.split(mark);
  assert.equal(parts.length, inOrder.length, JSON.stringify(shared));
  return parts[inOrder.indexOf(part)] ?? "";
}

test("each run has random numbers of its own, and whatever needs fresh ones works", async (t) => {
  const one = printed(t, random);
  const other = one === null ? null : await python(random);
  if (one === null || other === null) return;
  assert.match(one, /\nTrue\n$/);
  const words = new Set(`${one} ${other.stdout}`.replaceAll("True", "").trim().split(/\s+/));
  assert.equal(words.size, 10);
});

test("what is refused is an exception that a script can catch, and the script goes on", (t) => {
  const text = printed(t, refused);
  if (text === null) return;
  t.diagnostic(text.trim().replaceAll("\n", ", "));
  assert.match(text, /after\n$/);
  assert.match(text, /^system (PermissionError|OSError)\n/);
  assert.equal(shared?.exitCode, 0);
  assert.doesNotMatch(text + (shared?.stderr ?? ""), /fatal error|node_modules/);
});

test("time zones are those of the machine", (t) => {
  if (!existsSync("/usr/share/zoneinfo/Europe/Warsaw")) return t.skip("needs time zones in /usr/share/zoneinfo");
  const text = printed(t, zones);
  if (text !== null) assert.equal(text, "2026-07-01T12:00:00+02:00 True\nPermissionError\n");
});

test("a name that is not UTF-8 hides no other file, and is said", { skip: process.platform !== "linux" }, (t) => {
  const text = printed(t, names);
  if (text === null) return;
  assert.equal(text, "['main.py', 'sub'] ['seen.txt']\n");
  assert.equal(shared?.stderr, "[Files whose names are not UTF-8 are not seen by Python here.]\n");
});
