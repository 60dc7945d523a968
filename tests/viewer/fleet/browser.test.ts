import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Page } from "puppeteer";
import { createMask } from "../../../src/base/mask.js";
import { openStore } from "../../../src/fleet/store/open-store.js";
import { submitRun } from "../../../src/fleet/submit/submit-run.js";
import { carryRun } from "../../../src/fleet/worker/carry-run.js";
import { fleetRuns } from "../../../src/subcommands/view/fleet-runs.js";
import { serveViewer } from "../../../src/viewer/server/serve.js";
import { bin, long, temporaryFolder } from "../../support/program.js";
import { reply, startFakeOpenAi } from "../../support/services/fake-open-ai.js";
import { startPostgres } from "../../support/services/postgres-server.js";
import { startRedis } from "../../support/services/redis-server.js";
import { wholeFile } from "../../support/services/services.js";
import { hostile, makeJournal } from "../made-journal.js";
import { openChromium, openPage, shows, textOf } from "../open-page.js";
import { linesOf, storedRun, words } from "./made-run.js";

const own = "20261128-000000-000-abcd";
const strange = "20261128-000001-000-bcde";
const file = wholeFile();
const browser = await openChromium(file);
type Chromium = NonNullable<typeof browser>;

/** The queues' addresses; the second server only where there is time for it. */
async function addresses(t: TestContext): Promise<string[]> {
  const redis = await startRedis(t);
  const postgres = long ? await startPostgres(t) : null;
  return [...(redis ? [`redis://127.0.0.1:${redis.port}`] : []), ...(postgres ? [postgres.url] : [])];
}

async function viewed(t: TestContext, address: string, runs: readonly string[] = [own]) {
  const home = join(await temporaryFolder(t), ".autogpt");
  await makeJournal(home, { run: own, steps: 2 });
  const mask = createMask([]);
  const fleet = fleetRuns(address, mask, { url: undefined, variable: () => undefined });
  const viewer = await serveViewer({ home, fleet, runs, mask, words });
  t.after(async () => {
    await viewer.close();
    await fleet.close();
  });
  return viewer;
}

const settings = `ai_name: Mover
ai_role: an AI that is moved
ai_goals:
  - goal: Write notes
    checks:
      - file_exists: notes.txt
`;
const flags = ["--continuous", "--max-tokens=1m"];

test("a run of a fleet is watched while a worker has it: its goals, and a step with the messages that were sent and what changed in its files", async (t) => {
  if (browser === null) return t.skip(file.problem);
  for (const address of await addresses(t)) {
    const folder = await temporaryFolder(t);
    let isSeen: () => void = () => undefined;
    const seen = new Promise<void>((resolve) => (isSeen = resolve));
    const script = [
      reply("write_to_file", { file: "notes.txt", text: "one" }),
      reply("task_complete", { reason: "Done." }),
    ];
    let asked = 0;
    const server = await startFakeOpenAi({
      chat: async () => {
        if (asked === 1) await seen;
        return script[asked++] ?? "nothing is left";
      },
    });
    t.after(() => server.close());
    const store = await openStore(address);
    t.after(() => store.close());
    const order = { settings, begin: flags, resume: flags, after: [], priority: 100, tags: [] };
    const about = { aiName: "Mover", goals: ["Write notes"] };
    const run = await submitRun(store, { order, workspace: null, about }, () => Promise.resolve());
    const viewer = await viewed(t, address, [run]);
    const { page, faults } = await openPage(browser, viewer.address);
    await shows(page, "It has no journal yet");
    assert.match(await textOf(page, "#fleet"), /waits for a worker/);
    await mkdir(join(folder, "worker"));
    const carried = carryRun({
      ...{ store, run, holder: "here:1", folder: join(folder, "runs"), program: bin, cwd: join(folder, "worker") },
      environment: {
        ...{ PATH: process.env["PATH"], HOME: join(folder, "worker") },
        ...{ OPENAI_API_KEY: "sk-of-the-worker", OPENAI_API_BASE_URL: server.url },
      },
      ...{ leaseMs: 60_000, signal: new AbortController().signal },
    });
    await page.waitForSelector(".item");
    await page.waitForFunction(`document.querySelector("#fleet").textContent.includes("running")`);
    isSeen();
    assert.equal((await carried).kind, "done");
    await page.waitForFunction(`document.querySelector(".goals")?.textContent.includes("proven")`);
    await page.waitForFunction(`document.querySelector("#fleet").textContent.includes("last on here:1")`);
    await page.click(".item");
    await page.waitForSelector(".diff .added");
    assert.match(await textOf(page, ".diff"), /\+one/);
    assert.match(await textOf(page, ".step .sent"), /system what the AI is and may do/);
    assert.deepEqual([faults, viewer.violations(), await page.$("#retry")], [[], 0, null]);
  }
});

/** How far anything reaches out of the page, and what is in it that is not its own. */
const layout = `({
  wide: document.documentElement.scrollWidth - innerWidth,
  foreign: document.querySelectorAll("#page script, #page img, #page iframe, #page style").length,
  hacked: document.title.startsWith("hacked"),
})`;
const sound = { wide: 0, foreign: 0, hacked: false };

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Whether axe finds nothing that is serious or critical, in the colour schemes that there is time for. */
async function isAccessible(page: Page): Promise<void> {
  for (const value of long ? ["light", "dark"] : ["dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    assert.deepEqual(await seriousIn(page), [], value);
  }
}

async function seriousIn(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = (await page.evaluate("axe.run()")) as { violations: { id: string; impact: string }[] };
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id }) => id);
}

async function isSound(page: Page): Promise<void> {
  for (const width of [1360, 400]) {
    await page.setViewport({ width, height: 860 });
    assert.deepEqual(await page.evaluate(layout), sound, `${width}`);
  }
  await page.setViewport({ width: 1360, height: 860 });
}

async function showsAsText(t: TestContext, chromium: Chromium, address: string): Promise<void> {
  const text = hostile(long ? 1_000_000 : 50_000);
  const store = await openStore(address);
  t.after(() => store.close());
  const said = { aiName: text(3), goals: [text(1)], worker: text(2), reason: text(1), message: text(3) };
  const stored = await storedRun(store, strange, { ...said, verdicts: [text(1)] });
  await stored.add(await linesOf(t, { run: strange, steps: 5, text, parked: true }), { state: "parked" });
  const viewer = await viewed(t, address);
  const { page, faults } = await openPage(chromium, viewer.address);
  await page.waitForSelector("#all-runs");
  await page.click("#all-runs");
  await page.waitForFunction(`document.querySelectorAll(".all-runs .item").length === 2`);
  assert.match(await textOf(page, ".all-runs .item:last-child"), /\\u202eevil.*worker 2.*0 of 1 goal proven.*parked/s);
  await isSound(page);
  await isAccessible(page);
  await page.click(".all-runs .item:last-child");
  await page.waitForSelector("#fleet");
  await page.waitForSelector("#question");
  assert.match(await textOf(page, "#question"), /After an answer one goes on with it/);
  assert.equal(await page.$("#stop"), null);
  await isSound(page);
  await isAccessible(page);
  await page.click("#cancel");
  await shows(page, `The run ${strange} is cancelled.`);
  await page.waitForSelector("#retry");
  await page.click("#retry");
  await shows(page, `The run ${strange} is in the queue again.`);
  await page.waitForFunction(`document.querySelector("#fleet").textContent.includes("waits for a worker")`);
  assert.deepEqual([faults, viewer.violations()], [[], 0]);
}

test("whatever the store says of a run is shown as text, in the list and beside the run; a run is cancelled and put back there", async (t) => {
  if (browser === null) return t.skip(file.problem);
  for (const address of await addresses(t)) await showsAsText(t, browser, address);
});
