import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openStore } from "../../../src/fleet/store/open-store.js";
import { StoreDownError, type RunStore } from "../../../src/fleet/store/run-store.js";
import { submitRun } from "../../../src/fleet/submit/submit-run.js";
import { carryRun } from "../../../src/fleet/worker/carry-run.js";
import { bin, long, temporaryFolder } from "../../support/program.js";
import { repliesShown, reply, startFakeOpenAi, type RecordedRequest } from "../../support/services/fake-open-ai.js";
import { startRedis } from "../../support/services/redis-server.js";

const script = [
  reply("write_to_file", { file: "notes.txt", text: "one" }),
  reply("append_to_file", { file: "notes.txt", text: " two" }),
  reply("memory_add", { string: "a note" }),
  reply("read_file", { file: "given/data.csv" }),
  reply("append_to_file", { file: "notes.txt", text: " three" }),
  reply("task_complete", { reason: "Done." }),
];
const settings = `ai_name: Mover
ai_role: an AI that is moved
ai_goals:
  - goal: Write notes
    checks:
      - file_contains: { file: notes.txt, pattern: "^one two three$" }
`;
const flags = ["--continuous", "--max-tokens=1m"];

/** All that is sent but the time of day. */
const withoutTime = ({ sent }: RecordedRequest): string =>
  JSON.stringify(sent).replace(/The current time and date is [^"\\]*/g, "");

function gate<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((given) => (resolve = given));
  return { promise, resolve };
}

/** A store that stops answering. */
function severable(store: RunStore): { store: RunStore; cut(): void } {
  let isCut = false;
  const cutOff = new Proxy(store, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== "function") return method;
      return (...given: unknown[]) =>
        isCut ? Promise.reject(new StoreDownError("cut off")) : (method.apply(target, given) as unknown);
    },
  });
  return { store: cutOff, cut: () => (isCut = true) };
}

async function given(t: TestContext, redis: string, chat: (request: RecordedRequest) => string | Promise<string>) {
  const folder = await temporaryFolder(t);
  const workspace = join(folder, "project");
  await mkdir(join(workspace, "given"), { recursive: true });
  await writeFile(join(workspace, "given", "data.csv"), "a,b\n1,2\n");
  const server = await startFakeOpenAi({ chat });
  t.after(() => server.close());
  const store = await openStore(redis);
  t.after(() => store.close());
  const order = { settings, begin: flags, resume: flags, after: [], priority: 100, tags: [] };
  const run = await submitRun(store, { order, workspace, about: {} }, () => Promise.resolve());
  const environment = {
    PATH: process.env["PATH"],
    HOME: folder,
    OPENAI_API_KEY: "sk-of-the-worker",
    OPENAI_API_BASE_URL: server.url,
  };
  // No worker has anything of another one.
  const carry = async (holder: string, more: { store?: RunStore; leaseMs?: number } = {}) => {
    const cwd = join(folder, holder);
    await mkdir(cwd, { recursive: true });
    return carryRun({
      ...{
        store,
        run,
        holder,
        folder: join(cwd, "runs"),
        program: bin,
        cwd,
        environment: { ...environment, HOME: cwd },
      },
      ...{ leaseMs: 60_000, signal: new AbortController().signal, ...more },
    });
  };
  return { folder, store, run, server, carry };
}

test("a run goes on elsewhere with what the store has: the next request is the one that the first worker would have sent", async (t) => {
  const redis = await startRedis(t);
  if (redis === null) return;
  for (const step of long ? [0, 2, 4] : [4]) {
    let hangs = true;
    const arrived = gate<undefined>();
    const never = gate<string>();
    t.after(() => never.resolve(""));
    const { carry, store, run, server } = await given(t, `redis://127.0.0.1:${redis.port}`, (request) => {
      if (repliesShown(request) !== step || !hangs) return script[repliesShown(request)] ?? "nothing is left";
      hangs = false;
      arrived.resolve(undefined);
      return never.promise;
    });
    const { store: cutOff, cut } = severable(store);
    const first = carry("first", { store: cutOff, leaseMs: 8_000 });
    await Promise.race([arrived.promise, first.then((end) => assert.fail(JSON.stringify(end)))]);
    const sent = server.chatRequests().length;
    cut();
    assert.deepEqual(await first, { kind: "lost" });
    let second = await carry("second");
    while (second.kind === "held") {
      await delay(50);
      second = await carry("second");
    }
    assert.ok(second.kind === "done", second.kind);
    assert.deepEqual(second.end, { kind: "ended", exitCode: 0 });
    const [dead, next] = server.chatRequests().slice(sent - 1);
    assert.ok(dead && next);
    assert.equal(withoutTime(next), withoutTime(dead));
    assert.deepEqual(second.status.verdicts, ["proven"]);
    const stored = await store.read(run);
    assert.equal(stored?.status.state, "ended");
    assert.ok(stored?.files.has("workspace/notes.txt"));
  }
});
