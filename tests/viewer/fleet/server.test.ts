import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { createMask } from "../../../src/base/mask.js";
import { openStore } from "../../../src/fleet/store/open-store.js";
import { fleetRuns } from "../../../src/subcommands/view/fleet-runs.js";
import { serveViewer } from "../../../src/viewer/server/serve.js";
import type { ListedFleet, Update } from "../../../src/viewer/shapes.js";
import { temporaryFolder } from "../../support/program.js";
import { startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { makeJournal } from "../made-journal.js";
import { linesOf, storedRun, words } from "./made-run.js";

const own = "20261128-000000-000-abcd";
const run = "20261128-000001-000-bcde";
const file = wholeFile();
const server = await startRedis(file);

/** A viewer of a folder with one run, and of the fleet. */
async function viewed(t: TestContext, secrets: readonly string[] = []) {
  if (server === null) throw new Error(file.problem);
  await server.command("FLUSHALL");
  const address = `redis://127.0.0.1:${server.port}`;
  const store = await openStore(address);
  t.after(() => store.close());
  const home = join(await temporaryFolder(t), ".autogpt");
  await makeJournal(home, { run: own, steps: 2 });
  const mask = createMask(secrets);
  const fleet = fleetRuns(address, mask, { url: undefined, variable: () => undefined });
  const viewer = await serveViewer({ home, fleet, runs: [own], mask, words });
  t.after(async () => {
    await viewer.close();
    await fleet.close();
  });
  const { origin, searchParams } = new URL(viewer.address);
  const headers = { authorization: `Bearer ${searchParams.get("token")}` };
  const get = async <Answer>(path: string): Promise<Answer> =>
    (await (await fetch(`${origin}${path}`, { headers })).json()) as Answer;
  const post = (path: string, more: Record<string, string> = { origin }) =>
    fetch(`${origin}${path}`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json", ...more },
      body: "{}",
    });
  return { store, fleet, origin, headers, get, post };
}

type Viewed = Awaited<ReturnType<typeof viewed>>;

/** What is told of the run, until it is what is waited for. */
async function followed({ origin, headers }: Viewed, name = run) {
  const abort = new AbortController();
  const response = await fetch(`${origin}/api/runs/${name}/follow`, { headers, signal: abort.signal });
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let rest = "";
  const waiting: Update[] = [];
  return {
    end: () => abort.abort(),
    async until<Kind extends Update["kind"]>(
      kind: Kind,
      isIt: (update: Extract<Update, { kind: Kind }>) => boolean,
    ): Promise<Extract<Update, { kind: Kind }>> {
      for (;;) {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
          if (next.kind === kind && isIt(next as Extract<Update, { kind: Kind }>))
            return next as Extract<Update, { kind: Kind }>;
        const { value, done } = await reader.read();
        if (done) throw new Error("The stream has ended.");
        const lines = (rest + value).split("\n");
        rest = lines.pop() ?? "";
        waiting.push(...lines.map((line) => JSON.parse(line) as Update));
      }
    },
  };
}

/** The list as soon as it is so. */
async function listedWhen({ get }: Viewed, isIt: (listed: ListedFleet) => boolean): Promise<ListedFleet> {
  for (;;) {
    const listed = await get<ListedFleet>("/api/fleet");
    if (isIt(listed)) return listed;
    await delay(50);
  }
}

const copies = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`autogpt-fleet-run-${process.pid}-`));

if (server === null) test("the runs of a fleet in the viewer", { skip: file.problem });
else {
  test("runs of a fleet are listed with state, worker, cost and verdicts, and followed as their lines come; what is found out of them is masked, and no copy is left", async (t) => {
    const lines = await linesOf(t, { run, steps: 4, text: (step) => `sk-of-later in ${step}` });
    const at = await viewed(t, ["sk-of-later"]);
    const stored = await storedRun(at.store, run, { aiName: "Mover sk-of-later", goals: ["One", "Two"] });
    await stored.add(lines.slice(0, 20));
    await storedRun(at.store, "../../of-others");
    const first = await at.get<ListedFleet>("/api/fleet");
    assert.equal(first.problem, null);
    assert.deepEqual(
      first.runs.map(({ run: name, state, fleet }) => [name, state, fleet?.worker]),
      [[run, "running", "host:1"]],
    );
    const follow = await followed(at);
    await follow.until("overview", ({ overview }) => overview.running && overview.steps === 2);
    assert.deepEqual(await at.get(`/api/runs/${run}/search?text=in%202`), [2]);
    const ended = {
      state: "ended",
      reason: "task-complete",
      exitCode: 0,
      verdicts: ["proven", "failed"],
      costUsd: 0.5,
    };
    await stored.add(lines.slice(20), { ...ended, steps: 4 } as never);
    const { overview } = await follow.until("overview", ({ overview }) => overview.state === "task-complete");
    assert.deepEqual([overview.steps, overview.running], [4, false]);
    follow.end();
    await stored.put(`home/runs/${run}/cassette.jsonl`, "no cassette\n");
    const detail = await at.get<{ events: unknown[]; sent: unknown }>(`/api/runs/${run}/step?n=3`);
    assert.ok(detail.events.length > 3 && detail.sent === null);
    assert.ok(!JSON.stringify([first, overview, detail]).includes("sk-of-later"));
    const listed = await listedWhen(at, ({ runs }) => runs[0]?.costUsd === 0.5);
    assert.deepEqual(listed.runs[0]?.fleet, { worker: "host:1", proven: 1, goals: 2 });
    assert.equal((await copies()).length, 1);
    await at.fleet.close();
    assert.deepEqual(await copies(), []);
  });

  test("a store that is slow, away, or has lost a run is said as that, with the runs of the folder still there, and asked again", async (t) => {
    const lines = await linesOf(t, { run, steps: 3, open: true });
    const at = await viewed(t);
    const stored = await storedRun(at.store, run);
    await stored.add(lines.slice(0, 12));
    const follow = await followed(at);
    await follow.until("overview", ({ overview }) => overview.steps === 1);
    server.pause();
    const [slow, slowList] = await Promise.all([
      follow.until("fleet", ({ fleet }) => fleet.problem !== null),
      at.get<ListedFleet>("/api/fleet"),
      at.get<unknown[]>("/api/runs").then((runs) => assert.equal(runs.length, 1)),
    ]);
    assert.match(slow.fleet.problem ?? "", /has not sent all/);
    assert.match(slowList.problem ?? "", /has not answered for 3 s/);
    await server.kill();
    const away = await follow.until("fleet", ({ fleet }) => /does not answer/.test(fleet.problem ?? ""));
    assert.equal(away.fleet.status?.state, "running");
    assert.equal((await at.get<{ events: unknown[] }>(`/api/runs/${run}/step?n=1`)).events.length > 3, true);
    await server.start();
    await follow.until("fleet", ({ fleet }) => fleet.problem === null);
    await listedWhen(at, ({ problem, runs }) => problem === null && runs.length > 0);
    await server.command("DEL", `autogpt:fleet:{${run}}:lines`);
    await follow.until("anew", () => true);
    await server.command("RPUSH", `autogpt:fleet:{${run}}:lines`, ...lines);
    await follow.until("overview", ({ overview }) => overview.steps === 3);
    await at.store.remove(run);
    await follow.until("fleet", ({ fleet }) => /is gone from the store/.test(fleet.problem ?? ""));
    follow.end();
  });

  test("a run of a fleet is cancelled and put back by the page that is served, and by nobody else; nothing else can be done to it", async (t) => {
    const at = await viewed(t);
    const stored = await storedRun(at.store, run);
    await stored.add([], { state: "waiting" });
    const path = `/api/runs/${run}/cancel`;
    for (const [status, answer] of [
      [403, at.post(path, {})],
      [403, at.post(path, { origin: "http://evil.example" })],
      [401, at.post(path, { origin: at.origin, authorization: "Bearer x" })],
      [401, fetch(`${at.origin}/api/fleet`)],
      [403, fetch(`${at.origin}/api/fleet`, { headers: { ...at.headers, origin: "http://evil.example" } })],
      [403, fetch(`${at.origin}/api/fleet`, { headers: { ...at.headers, "sec-fetch-site": "cross-site" } })],
      [404, fetch(`${at.origin}${path}`, { headers: at.headers })],
      [404, at.post("/api/fleet")],
      [404, at.post(`/api/runs/${own}/cancel`)],
      [404, at.post("/api/runs/..%2F..%2Fof-others/cancel")],
      ...["stop", "drain", "constructor"].map((what) => [404, at.post(`/api/runs/${run}/${what}`)] as const),
      // It asks nothing, and what is sent says nothing.
      ...["tell", "answer"].map((what) => [409, at.post(`/api/runs/${run}/${what}`)] as const),
    ] as const)
      assert.equal((await answer).status, status, (await answer).url);
    assert.equal((await at.store.look(run))?.status.state, "waiting");
    const cancelled = await at.post(path);
    assert.deepEqual([cancelled.status, await cancelled.json()], [200, { message: `The run ${run} is cancelled.` }]);
    assert.equal((await at.store.look(run))?.status.state, "cancelled");
    assert.match(await (await at.post(`/api/runs/${run}/retry`)).text(), /is in the queue again/);
    assert.equal((await at.store.look(run))?.status.state, "waiting");
  });
}
