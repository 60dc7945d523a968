import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openStore } from "../../../src/fleet/store/open-store.js";
import type { RunState, RunStatus } from "../../../src/fleet/store/run-store.js";
import { runInProcess } from "../../support/in-process.js";
import { bin, temporaryFolder } from "../../support/program.js";
import { repliesShown, reply, startFakeOpenAi, type RecordedRequest } from "../../support/services/fake-open-ai.js";
import { sourceLoader } from "../../support/source-loader.js";

const script = [
  reply("write_to_file", { file: "notes.txt", text: "one" }),
  reply("append_to_file", { file: "notes.txt", text: " two" }),
  reply("task_complete", { reason: "Done." }),
];
const settings = `ai_name: Clerk
ai_role: an AI that works in a fleet
ai_goals:
  - goal: Write notes
    checks:
      - file_contains: { file: notes.txt, pattern: "^one two$" }
`;

/** A worker as a process of its own; its arguments are the queue's address, a folder, how long it takes a run, the program, and its tags. */
const workerCode = `
  import { work } from ${JSON.stringify(new URL("../../../src/fleet/worker/work.ts", import.meta.url).href)};
  const [address, place, leaseMs, program, ...tags] = process.argv.slice(1);
  const { signal } = new AbortController();
  await work({
    ...{ address, place, leaseMs: Number(leaseMs), program, cwd: place, concurrency: 2, tags, signal },
    environment: process.env,
    say: (text) => process.stderr.write(text + "\\n"),
  });`;

/** A folder with a settings file, a model, and the program as somebody types it there. */
async function desk(t: TestContext, url: string, chat: (request: RecordedRequest) => string | Promise<string>) {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, "ai.yaml"), settings);
  const server = await startFakeOpenAi({ chat });
  t.after(() => server.close());
  const env = {
    QUEUE_URL: url,
    OPENAI_API_BASE_URL: server.url,
    OPENAI_API_KEY: "sk-desk",
    MEMORY_BACKEND: "no_memory",
  };
  const type = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runInProcess({ cwd: folder, args, input: "", env });
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  const store = await openStore(url);
  t.after(() => store.close());
  /** The status of a run once it is in this state. */
  const become = async (run: string, state: RunState): Promise<RunStatus> => {
    for (;;) {
      const status = (await store.look(run))?.status;
      if (status?.state === state) return status;
      await delay(50);
    }
  };
  const startWorker = async (name: string, tags: readonly string[] = []): Promise<ChildProcess> => {
    const place = join(folder, name);
    await mkdir(place);
    const flags = ["--import", sourceLoader, "--input-type=module", "-e", workerCode];
    const child = spawn(process.execPath, [...flags, url, place, "2000", bin, ...tags], {
      env: { ...env, PATH: process.env["PATH"], HOME: folder },
      stdio: ["ignore", "ignore", "inherit"],
    });
    t.after(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    });
    return child;
  };
  return { folder, server, type, become, startWorker };
}

const forTags = (tags: readonly string[]): string[] => (tags.length === 0 ? [] : [`--tags=${tags.join(",")}`]);

/** What holds for every queue; the worker that goes on with a run of a dead one has these tags. */
export function queueContract(name: string, url: () => string, tags: readonly string[]): void {
  test(`${name}: runs are carried out, one whose worker is killed elsewhere; the queue is paused, runs are cancelled and tried again`, async (t) => {
    let hangs = true;
    let arrive: () => void = () => undefined;
    let release: (text: string) => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    t.after(() => release(""));
    const { type, become, startWorker, server } = await desk(t, url(), (request) => {
      if (repliesShown(request) !== 1 || !hangs) return script[repliesShown(request)] ?? "nothing is left";
      hangs = false;
      arrive();
      return new Promise((resolve) => (release = resolve));
    });
    const flags = ["-c", "--max-tokens", "1m"];
    const run = await type("submit", "ai.yaml", ...flags);
    const next = await type("submit", "ai.yaml", ...flags, "--after", run, ...forTags(tags));
    const late = await type("submit", "ai.yaml", ...flags, "--at", "1h");
    const first = await startWorker("first");
    await arrived;
    assert.match(await type("fleet"), /1 worker, 1 at work/);
    first.kill("SIGKILL");
    await startWorker("second", tags);
    const status = await become(run, "ended");
    assert.deepEqual([status.exitCode, status.verdicts, status.steps], [0, ["proven"], 3], status.message);
    assert.equal((await become(next, "ended")).exitCode, 0);
    assert.equal(server.chatRequests().length, 3 + 1 + 3);

    await type("fleet", "pause");
    assert.match(await type("fleet"), /; paused$/m);
    const waits = await type("submit", "ai.yaml", ...flags);
    assert.match(await type("fleet", "cancel", waits), /is cancelled/);
    assert.match(await type("fleet", "drain"), new RegExp(`The run ${late} is cancelled`));
    await type("fleet", "retry", waits);
    assert.match(await type("fleet", "budget", "0"), /of \$0 that they may cost/);
    await type("fleet", "resume");
    const poor = await become(waits, "parked");
    assert.match(poor.message ?? "", /may cost \$0, of which \$0 is left: .* autogpt fleet budget USD allows more/);
    assert.equal(poor.exitCode, 5);
    await type("fleet", "budget", "none");
    assert.equal((await become(waits, "ended")).exitCode, 0);
    const { runs } = JSON.parse(await type("fleet", "--json")) as { runs: { run: string; state: string }[] };
    const states = new Map(runs.map((one) => [one.run, one.state]));
    assert.deepEqual(
      [run, next, late, waits].map((one) => states.get(one)),
      ["ended", "ended", "cancelled", "ended"],
    );
  });
}
