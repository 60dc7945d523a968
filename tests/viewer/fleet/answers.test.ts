import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createMask } from "../../../src/base/mask.js";
import { openStore } from "../../../src/fleet/store/open-store.js";
import { submitRun } from "../../../src/fleet/submit/submit-run.js";
import { carryRun } from "../../../src/fleet/worker/carry-run.js";
import { fleetRuns } from "../../../src/subcommands/view/fleet-runs.js";
import { serveViewer } from "../../../src/viewer/server/serve.js";
import { bin, long, temporaryFolder } from "../../support/program.js";
import { repliesShown, reply, startFakeOpenAi } from "../../support/services/fake-open-ai.js";
import { startPostgres } from "../../support/services/postgres-server.js";
import { startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { openChromium, openPage, shows, textOf } from "../open-page.js";
import { words } from "./made-run.js";

const file = wholeFile();
const browser = await openChromium(file);

const write = (name: string): string => reply("write_to_file", { file: `${name}.txt`, text: name });
const script = [
  write("one"),
  write("two"),
  "what is said to it stands here",
  write("three"),
  reply("task_complete", { reason: "Done." }),
];
const settings = `ai_name: Asker
ai_role: an AI that asks
ai_goals: [Write]
approve:
  write_to_file: ask
`;

/** A run of the fleet that asks, what a worker does with it, and its page. */
async function asking(t: TestContext, address: string) {
  const folder = await temporaryFolder(t);
  const server = await startFakeOpenAi({ chat: (request) => script[repliesShown(request)] ?? "nothing is left" });
  t.after(() => server.close());
  const store = await openStore(address);
  t.after(() => store.close());
  const flags = ["--continuous", "--max-tokens=1m"];
  const order = { settings, begin: flags, resume: flags, after: [], priority: 100, tags: [] };
  const about = { aiName: "Asker", goals: ["Write"] };
  const run = await submitRun(store, { order, workspace: null, about }, () => Promise.resolve());
  let workers = 0;
  const carry = async (): Promise<string> => {
    const cwd = join(folder, `worker-${(workers += 1)}`);
    await mkdir(cwd);
    const environment = { PATH: process.env["PATH"], HOME: cwd, MEMORY_BACKEND: "no_memory" };
    const ended = await carryRun({
      ...{ store, run, holder: `here:${workers}`, folder: join(cwd, "runs"), program: bin, cwd, leaseMs: 60_000 },
      environment: { ...environment, OPENAI_API_KEY: "sk-of-the-worker", OPENAI_API_BASE_URL: server.url },
      signal: new AbortController().signal,
    });
    return ended.kind;
  };
  const mask = createMask(["a-secret-of-mine"]);
  const fleet = fleetRuns(address, mask, { url: undefined, variable: () => undefined });
  const viewer = await serveViewer({ home: join(folder, ".autogpt"), fleet, runs: [run], mask, words });
  t.after(async () => {
    await viewer.close();
    await fleet.close();
  });
  return { run, server, store, carry, viewer };
}

test("what a parked run of a fleet asks is approved, answered with other words and denied in the page, and a worker goes on with that", async (t) => {
  if (browser === null) return t.skip(file.problem);
  const redis = await startRedis(t);
  const postgres = long ? await startPostgres(t) : null;
  for (const address of [...(redis ? [`redis://127.0.0.1:${redis.port}`] : []), ...(postgres ? [postgres.url] : [])]) {
    const { run, server, store, carry, viewer } = await asking(t, address);
    const stateNow = async () => (await store.look(run))?.status.state;
    await carry();
    const { page, faults } = await openPage(browser, viewer.address);
    await page.waitForSelector("#approve");
    assert.match(await textOf(page, "#question"), /one\.txt/);
    await page.click("#approve");
    await shows(page, "Approved. A worker of the fleet goes on with it.");
    assert.equal(await stateNow(), "waiting");
    await page.waitForFunction(`document.querySelector("#question") === null`);

    await carry();
    assert.ok((await store.read(run))?.files.has("workspace/one.txt"));
    await page.waitForFunction(`document.querySelector("#question")?.textContent.includes("two.txt")`);
    await page.type("#question textarea", "Not two, a-secret-of-mine");
    await page.click("#feedback");
    await shows(page, "Said. A worker of the fleet goes on with it.");
    assert.equal(await stateNow(), "waiting");

    await carry();
    assert.match(JSON.stringify(server.chatRequests().at(-1)?.body), /Human feedback: Not two, \[secret\]/);
    await page.waitForFunction(`document.querySelector("#question")?.textContent.includes("three.txt")`);
    await page.click("#deny");
    await shows(page, "Denied. A worker of the fleet goes on without it.");
    assert.equal(await carry(), "done");
    const files = [...((await store.read(run))?.files.keys() ?? [])].filter((path) => path.startsWith("workspace/"));
    assert.deepEqual(files, ["workspace/one.txt"]);
    assert.deepEqual([faults, viewer.violations()], [[], 0]);
  }
});
