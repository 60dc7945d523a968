import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { test, type TestContext } from "node:test";
import type { Browser, Page } from "puppeteer";
import { exportViewer } from "../../src/viewer/export.js";
import { serveViewer } from "../../src/viewer/server/serve.js";
import { scriptedWorld } from "../end-to-end/support/scripted-world.js";
import { eventsOfType, long, temporaryFolder } from "../support/program.js";
import { reply } from "../support/services/fake-open-ai.js";
import { wholeFile } from "../support/services/services.js";
import { makeJournal } from "./made-journal.js";
import { openChromium, openPage } from "./open-page.js";

const file = wholeFile();
const shared = await openChromium(file);
const run = "20261128-000000-000-abcd";
const words = { state: (state: string) => state, sentence: (reason: string) => reason };

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

const shows = (page: Page, text: string): Promise<unknown> =>
  page.waitForFunction(`document.body.textContent.includes(${JSON.stringify(text)})`, { timeout: 30_000 });

/** What axe finds that is serious or critical. */
async function seriousProblems(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  const found = (await page.evaluate("axe.run()")) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  };
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

test("a run that waits at its terminal is watched: an approval in the page lets the command run, a refusal reaches the model, and it goes on by itself", async (t) => {
  const browser = browserFor(t);
  if (browser === null) return;
  const world = await scriptedWorld(t, [
    reply("write_to_file", { file: "a.txt", text: "first\n" }),
    reply("write_to_file", { file: "b.txt", text: "second\n" }),
    reply("task_complete", { reason: "Done." }),
  ]);
  const running = world.start(["-y"], { openInput: true });
  await running.says("NEXT ACTION");
  const home = join(world.folder, ".autogpt");
  const [asked] = await world.journal();
  assert.ok(asked?.type === "run-start");
  const viewer = await viewed(t, home, [asked.run]);
  const { page, faults } = await openPage(browser, viewer.address);
  await shows(page, "The run waits for you");
  await shows(page, "new file of 6 bytes");
  assert.equal(new URL(page.url()).search, "", "the token is out of the address");
  await page.click("#approve");
  await shows(page, "b.txt");
  assert.equal(await world.file("a.txt"), "first\n");
  await page.waitForSelector("#deny:not([disabled])");
  await page.type("textarea", "Not that file.");
  await page.click("#deny");
  await page.waitForFunction(`document.querySelector(".question")?.textContent.includes("task_complete")`);
  assert.ok(
    world.messages(2).some(({ content }) => content.includes("Not that file.")),
    "the model was told why",
  );
  await page.click("#approve");
  assert.equal((await running.ended).code, 0);
  await shows(page, "task-complete");
  const answered = eventsOfType(await world.journal(), "command-answered").map(({ answer }) => answer);
  assert.deepEqual(answered, ["run", "deny", "run"]);
  await page.reload();
  await shows(page, "task-complete");
  assert.deepEqual([faults.filter((fault) => !fault.includes("401")), viewer.violations()], [[], 0]);
  await page.close();
});

const hostile = (step: number): string =>
  `${step}</script><script>document.title="hacked";alert(1)</script><img src=x onerror="alert(2)"><style>*{display:none}</style>` +
  `<iframe src="javascript:alert(3)"></iframe>\u001b[2J\u0000\u202eevil\u2066\u200b<!--'"\`\${alert(4)} javascript:alert(5) ` +
  `עברית العربية ${step === 3 ? "x".repeat(1_000_000) : "w".repeat(300)}\nsecond line`;

type Layout = { title: string; wide: number; foreign: number; rows: number; wider: string[] };

/** How far anything reaches out of its place, and what is in the page that is not the page's own. */
const layout = `({
  title: document.title,
  wide: document.documentElement.scrollWidth - innerWidth,
  foreign: document.querySelectorAll("#page script, #page img, #page iframe, #page style").length,
  rows: [...document.querySelectorAll(".item")].filter((row) => row.clientHeight > 60).length,
  wider: [...document.querySelectorAll(".card")].filter((card) => card.scrollWidth > card.clientWidth + 1).map((card) => card.querySelector("h2")?.textContent ?? "details"),
})`;

/** Frames in a second while the list is scrolled for two. */
const scrolling = `(async () => {
  const list = document.querySelector(".list");
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < 2000) {
    list.scrollTop = (list.scrollTop + 900) % (list.scrollHeight - list.clientHeight);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    count += 1;
  }
  return count / 2;
})()`;

test("whatever stands in a journal is shown as text: nothing runs, nothing is asked for, nothing is wider than the page; the same in one file", async (t) => {
  const browser = browserFor(t);
  if (browser === null) return;
  const folder = await temporaryFolder(t);
  const home = join(folder, ".autogpt");
  await makeJournal(home, { run, steps: 30, text: hostile, parked: true });
  const viewer = await viewed(t, home, [run]);
  const exported = join(folder, "run.html");
  await exportViewer({ home, runs: [run], mask: (value) => value, words }, exported);
  for (const [address, width] of [
    [viewer.address, 1360],
    [viewer.address, 400],
    [pathToFileURL(exported).href, 1360],
  ] as const) {
    const { page, faults } = await openPage(browser, address, width);
    await shows(page, "\\u202eevil");
    if (width === 400) await page.click(".tabs button:last-child");
    await page.waitForSelector(".item");
    await page.click(".item:nth-child(3)");
    await page.waitForSelector(".step .said");
    await shows(page, "characters left");
    await page.evaluate(`document.querySelectorAll("details").forEach((one) => { one.open = true; })`);
    const state = (await page.evaluate(layout)) as Layout;
    assert.ok(!state.title.startsWith("hacked"));
    assert.deepEqual(
      { ...state, title: "" },
      { title: "", wide: 0, foreign: 0, rows: 0, wider: [] },
      `${address} ${width}`,
    );
    assert.deepEqual([faults, viewer.violations()], [[], 0]);
    if (width === 1360) assert.deepEqual(await seriousProblems(page), []);
    await page.close();
  }
});

test("a long run is there at once and scrolls without lag", async (t) => {
  const browser = browserFor(t);
  if (browser === null) return;
  const home = join(await temporaryFolder(t), ".autogpt");
  const steps = long ? 10_000 : 1_000;
  await makeJournal(home, { run, steps });
  const viewer = await viewed(t, home, [run]);
  const { page, faults } = await openPage(browser, viewer.address);
  await page.waitForSelector(".goals .evidence");
  await page.waitForSelector(".item .number");
  const first = (await page.evaluate("performance.now()")) as number;
  await page.waitForFunction(`document.querySelector(".count")?.textContent === "${steps.toLocaleString("en")} steps"`);
  const frames = (await page.evaluate(scrolling)) as number;
  const { JSHeapUsedSize = 0 } = await page.metrics();
  const drawn = (await page.$$(".item")).length;
  t.diagnostic(
    `${steps} steps: first rows after ${Math.round(first)} ms, ${Math.round(frames)} frames a second, ${Math.round(JSHeapUsedSize / 1e6)} MB`,
  );
  assert.ok(drawn < 60, "only what can be seen is in the page");
  if (long) assert.ok(first < 1_000 && frames >= 30 && JSHeapUsedSize < 300e6);
  assert.deepEqual([faults, viewer.violations()], [[], 0]);
  await page.close();
});
