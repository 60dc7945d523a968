import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test, type TestContext } from "node:test";
import type { Browser, Page } from "puppeteer";
import { lockRun } from "../../src/history/lock/run-lock.js";
import { journalFile } from "../../src/history/run-log.js";
import { runDirectory } from "../../src/history/runs.js";
import { exportViewer } from "../../src/viewer/export.js";
import { serveViewer } from "../../src/viewer/server/serve.js";
import { scriptedWorld } from "../end-to-end/support/scripted-world.js";
import { eventsOfType, long, temporaryFolder } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import { wholeFile } from "../support/services/services.js";
import { hostile, linesOfStep, makeJournal } from "./made-journal.js";
import { openChromium, openPage, shows, textOf } from "./open-page.js";
import { scrolling } from "./scrolling.js";

const file = wholeFile();
const shared = await openChromium(file);
const run = "20261128-000000-000-abcd";
const words = { state: (state: string) => state, sentence: (reason: string) => reason };

function holdsAll(text: string, parts: readonly string[]): void {
  for (const part of parts) assert.ok(text.includes(part), part);
}

/** The shared browser; null where there is none. */
function browserFor(t: TestContext): Browser | null {
  if (shared === null) t.skip(file.problem);
  return shared;
}

async function viewed(t: TestContext, home: string, runs: readonly string[]) {
  const viewer = await serveViewer({ home, runs, mask: (value) => value, words });
  t.after(() => viewer.close());
  return viewer;
}

const asks = (page: Page, command: string): Promise<unknown> =>
  page.waitForFunction(`document.querySelector("#question")?.textContent.includes(${JSON.stringify(command)})`);

test("a run that waits at its terminal is watched: an approval in the page lets the command run, a refusal reaches the model, an answer from a third process counts, and Stop ends it", async (t) => {
  const browser = browserFor(t);
  if (browser === null) return;
  const world = await scriptedWorld(t, [
    reply("write_to_file", { file: "a.txt", text: "first\n" }),
    reply("write_to_file", { file: "b.txt", text: "second\n" }),
    reply("write_to_file", { file: "c.txt", text: "third\n" }),
    reply("write_to_file", { file: "d.txt", text: "fourth\n" }),
  ]);
  const running = world.start(["-y"], { openInput: true });
  await running.says("NEXT ACTION");
  const home = join(world.folder, ".autogpt");
  const [began] = await world.journal();
  assert.ok(began?.type === "run-start");
  const viewer = await viewed(t, home, [began.run]);
  const { page, faults } = await openPage(browser, viewer.address);
  await asks(page, "a.txt");
  await shows(page, "new file of 6 bytes");
  assert.equal(new URL(page.url()).search, "", "the token is out of the address");
  await page.click("#approve");

  await asks(page, "b.txt");
  assert.equal(await world.file("a.txt"), "first\n");
  await page.waitForSelector("#deny:not([disabled])");
  await page.type("textarea", "Not that file.");
  await page.click("#deny");

  await asks(page, "c.txt");
  assert.ok(
    world.messages(2).some(({ content }) => content.includes("Not that file.")),
    "the model was told why",
  );
  const question = eventsOfType(await world.journal(), "command-asked").at(-1)?.question;
  assert.ok(question !== undefined);
  const approved = await world.run(["approve", "--yes", question]);
  assert.equal(approved.code, 0, approved.stderr + approved.stdout);

  await asks(page, "d.txt");
  assert.equal(await world.file("c.txt"), "third\n");
  await page.click(".item");
  await page.waitForSelector(".diff .added");
  assert.match(await textOf(page, ".diff"), /\+first/);
  const context = await textOf(page, ".step .sent");
  assert.match(context, /system what the AI is and may do/);
  await page.click("#stop");
  assert.equal((await running.ended).code, 130);
  await shows(page, "interrupted");
  const answered = eventsOfType(await world.journal(), "command-answered").map(({ answer }) => answer);
  assert.deepEqual(answered, ["run", "deny", "run"]);
  await page.reload();
  await shows(page, "interrupted");
  assert.deepEqual([faults.filter((fault) => !fault.includes("401")), viewer.violations()], [[], 0]);
});

type Layout = { title: string; wide: number; foreign: number; rows: number; wider: string[] };

/** How far anything reaches out of its place, and what is in the page that is not the page's own. */
const layout = `({
  title: document.title,
  wide: document.documentElement.scrollWidth - innerWidth,
  foreign: document.querySelectorAll("#page script, #page img, #page iframe, #page style").length,
  rows: [...document.querySelectorAll(".item")].filter((row) => row.clientHeight > 60).length,
  wider: [...document.querySelectorAll(".card")].filter((card) => card.scrollWidth > card.clientWidth + 1).map((card) => card.querySelector("h2")?.textContent ?? "details"),
})`;

test("whatever stands in a journal is shown as text: nothing runs, nothing is asked for, nothing is wider than the page; the same in one file", async (t) => {
  const browser = browserFor(t);
  if (browser === null) return;
  const folder = await temporaryFolder(t);
  const home = join(folder, ".autogpt");
  await makeJournal(home, { run, steps: 20, text: hostile(long ? 1_000_000 : 50_000), parked: true });
  const viewer = await viewed(t, home, [run]);
  const exported = join(folder, "run.html");
  await exportViewer({ home, runs: [run], mask: (value) => value, words }, exported);
  for (const address of [viewer.address, pathToFileURL(exported).href]) {
    const { page, faults } = await openPage(browser, address);
    await page.waitForSelector(".item");
    await page.click(".item:nth-child(3)");
    await page.waitForSelector(".step .said");
    assert.ok((await textOf(page, ".step")).includes("\\u202eevil"));
    await page.waitForFunction(
      `[...document.querySelectorAll("button")].some(({ textContent }) => textContent.includes("characters left"))`,
    );
    await page.evaluate(`document.querySelectorAll("details").forEach((one) => { one.open = true; })`);
    for (const width of [1360, 400]) {
      await page.setViewport({ width, height: 860 });
      const state = (await page.evaluate(layout)) as Layout;
      assert.ok(!state.title.startsWith("hacked"));
      assert.deepEqual({ ...state, title: "" }, { title: "", wide: 0, foreign: 0, rows: 0, wider: [] }, `${width}`);
    }
    assert.deepEqual([faults, viewer.violations()], [[], 0]);
  }
});

test("a long run that goes on is there at once, scrolls without lag, and is followed to its end", async (t) => {
  const browser = browserFor(t);
  if (browser === null) return;
  const home = join(await temporaryFolder(t), ".autogpt");
  const steps = long ? 10_000 : 1_000;
  const counted = (count: number): string =>
    `document.querySelector(".count")?.textContent === "${count.toLocaleString("en")} steps"`;
  await makeJournal(home, { run, steps, open: true });
  const lock = lockRun(runDirectory(home, run));
  assert.ok(lock.taken);
  t.after(() => lock.release());
  const viewer = await viewed(t, home, [run]);
  const { page, faults } = await openPage(browser, viewer.address);
  await page.waitForSelector(".goals .evidence");
  await page.waitForSelector(".item .number");
  const first = (await page.evaluate("performance.now()")) as number;
  await page.waitForFunction(counted(steps));
  const drawn = (await page.$$(".item")).length;
  assert.ok(drawn < 60, "only what can be seen is in the page");
  await appendFile(journalFile(runDirectory(home, run)), linesOfStep(run, steps + 1));
  await page.waitForFunction(counted(steps + 1));
  await page.waitForFunction(`document.querySelector(".item:last-child .number").textContent === "${steps + 1}"`);
  if (long) {
    const frames = (await page.evaluate(scrolling)) as number;
    const { JSHeapUsedSize = 0 } = await page.metrics();
    t.diagnostic(
      `${first.toFixed(0)} ms, ${frames.toFixed(0)} frames a second, ${(JSHeapUsedSize / 1e6).toFixed(0)} MB`,
    );
    assert.ok(first < 1_000 && frames >= 30 && JSHeapUsedSize < 300e6);
  }
  assert.deepEqual([faults, viewer.violations()], [[], 0]);
});

test("repeats are one line, steps are found by kind and by word, and the keyboard leads through them; a step shows all that is known of it", async (t) => {
  const browser = browserFor(t);
  if (browser === null) return;
  const home = join(await temporaryFolder(t), ".autogpt");
  const text = (step: number): string => (step >= 11 && step <= 15 ? "again and again" : `step ${step}`);
  await makeJournal(home, { run, steps: 20, text });
  await makeJournal(home, { run: other, steps: 3 });
  const viewer = await viewed(t, home, [run]);
  const { page, faults } = await openPage(browser, viewer.address);
  const has = (where: string, wanted: string): Promise<unknown> =>
    page.waitForFunction(
      `document.querySelector(${JSON.stringify(where)})?.textContent.includes(${JSON.stringify(wanted)})`,
    );
  await has(".item.fold, .row.fold", "11–15");
  for (let step = 1; step <= 11; step += 1) await page.keyboard.press("j");
  await has(".item.chosen", "11–15");
  await page.keyboard.press("Enter");
  await page.waitForFunction(`document.querySelectorAll(".row.fold").length === 0`);
  await page.keyboard.press("/");
  await page.keyboard.type("step 5");
  await has(".count", "1 of 20 steps");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await has(".step h2", "Step 5");
  await has(".step .requests", "attempt 1 waste");
  const shown = await textOf(page, ".step .scroll");
  holdsAll(shown, [
    "Thoughts",
    "Command",
    "Approval",
    "Result",
    "What memory brought",
    "0.500",
    "Requests",
    "estimated",
  ]);
  await page.keyboard.press("Escape");
  await page.waitForFunction(`document.querySelector(".step") === null && document.activeElement.className === "list"`);
  await page.click("#search", { count: 3 });
  await page.keyboard.press("Backspace");
  await page.select("select[aria-label='Which steps']", "waste");
  await has(".count", "4 of 20 steps");

  const side = await textOf(page, ".side-pane");
  holdsAll(side, [
    "Goals",
    "claimed",
    "failed",
    "settled",
    "reserved",
    "left",
    "Sub-agents",
    "records recalled",
    "from cache",
  ]);
  assert.ok(side.indexOf("Goals") === 0, "the goals come first");
  await page.evaluate(`[...document.querySelectorAll(".side-pane details")].forEach((one) => { one.open = true; })`);
  await has(".side-pane", "said to it, step 2");
  await page.select("select[aria-label='Run']", other);
  await has(".count", "3 steps");
  assert.deepEqual([faults, viewer.violations()], [[], 0]);
});

const other = "20261128-000001-000-bcde";

test("the first run is shown once there is one; two stand side by side, with where they part", async (t) => {
  const browser = browserFor(t);
  if (browser === null) return;
  const home = join(await temporaryFolder(t), ".autogpt");
  const empty = await viewed(t, home, []);
  const { page: waiting } = await openPage(browser, empty.address);
  await shows(waiting, "No runs yet");
  await makeJournal(home, { run, steps: 40, text: (step) => `step ${step}` });
  await waiting.waitForSelector(".item");
  await makeJournal(home, { run: other, steps: 35, text: (step) => (step < 30 ? `step ${step}` : `אחר ${step}`) });
  const viewer = await viewed(t, home, [run]);
  const { page, faults } = await openPage(browser, viewer.address);
  await page.waitForSelector("#all-runs");
  await page.click("#all-runs");
  await page.waitForSelector(".all-runs .item");
  assert.match(await textOf(page, ".all-runs .item"), /bcde.*35 steps/);
  await page.click(".beside input");
  await page.focus(".all-runs .list");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await shows(page, "They part at step 30.");
  assert.equal((await page.$$(".side .goals")).length, 2);
  await page.click(".parted button");
  await page.waitForSelector(".item.chosen .differs");
  assert.deepEqual(
    await page.evaluate(
      `[...document.querySelectorAll(".item")].find((item) => item.textContent.startsWith("31")).querySelectorAll("b bdi").values().map((one) => getComputedStyle(one).direction).toArray()`,
    ),
    ["ltr", "rtl"],
  );
  await page.focus(".list");
  await page.keyboard.press("End");
  await page.waitForFunction(`document.querySelector(".item.chosen")?.textContent.includes("—")`);
  await page.keyboard.press("Enter");
  await page.waitForFunction(`document.querySelector(".step h2")?.textContent === "Step 40"`);
  assert.deepEqual([faults, viewer.violations()], [[], 0]);
});
