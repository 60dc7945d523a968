import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Page } from "puppeteer";
import { lockRun } from "../src/history/lock/run-lock.js";
import { journalFile } from "../src/history/run-log.js";
import { runDirectory } from "../src/history/runs.js";
import { linesOfStep, makeJournal } from "../tests/viewer/made-journal.js";
import { openChromium } from "../tests/viewer/open-page.js";
import { scrolling } from "../tests/viewer/scrolling.js";
import { bin, median, report, withFolder } from "./support/measure.js";

const run = "20261128-000000-000-abcd";
const rounds = 5;
const linesFollowed = 25;

/**
 * `autogpt view` in a process of its own, looked at with Chromium: when goals and steps of a long run are there, how it scrolls, what
 * memory it takes; and how long after a line was written to a journal its row is in the page.
 */
export async function benchViewer(): Promise<void> {
  let missing = "";
  const browser = await openChromium({ after: () => undefined, skip: (why) => void (missing = why ?? "") });
  if (browser === null) return console.log(`left out: ${missing}`);
  try {
    await withFolder((folder) => recorded(browser, folder));
    for (const steps of [20, 10_000]) await withFolder((folder) => followed(browser, folder, steps));
  } finally {
    await browser.close();
  }
}

async function recorded(browser: Browser, folder: string): Promise<void> {
  await makeJournal(join(folder, ".autogpt"), { run, steps: 10_000 });
  const [firsts, wholes]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const viewer = await startViewer(folder);
    const page = await openPage(browser, viewer.address);
    const now = (): Promise<number> => page.evaluate("performance.now()") as Promise<number>;
    await page.waitForSelector(".goals .evidence");
    await page.waitForSelector(".item .number");
    firsts.push(await now());
    await page.waitForFunction(`document.querySelector(".count")?.textContent === "10,000 steps"`);
    wholes.push(await now());
    if (round === rounds - 1) {
      const frames = (await page.evaluate(scrolling)) as number;
      report("ms a frame while 10,000 steps are scrolled", 1_000 / frames, 1_000 / 30);
      const { JSHeapUsedSize = 0 } = await page.metrics();
      report("the page's memory, MB", JSHeapUsedSize / 1e6, 300);
    }
    await page.close();
    await viewer.close();
  }
  report(
    "10,000 steps: goals and steps are there after, ms",
    median(firsts),
    1_000,
    `all of them after ${median(wholes).toFixed(0)} ms`,
  );
}

async function followed(browser: Browser, folder: string, steps: number): Promise<void> {
  const home = join(folder, ".autogpt");
  await makeJournal(home, { run, steps, open: true });
  const lock = lockRun(runDirectory(home, run));
  if (!lock.taken) throw new Error("The run cannot be locked.");
  const viewer = await startViewer(folder);
  const page = await openPage(browser, viewer.address);
  await page.waitForFunction(`document.querySelector(".count")?.textContent === "${steps.toLocaleString("en")} steps"`);
  const delays: number[] = [];
  for (let step = steps + 1; step <= steps + linesFollowed; step++) {
    const seen = page.evaluate(rowOfStep(step)) as Promise<number>;
    // Not in step with how often the journal is looked at.
    await delay(150 + ((step * 37) % 100));
    const written = Date.now();
    await appendFile(journalFile(runDirectory(home, run)), linesOfStep(run, step));
    delays.push((await seen) - written);
  }
  const worst = Math.max(...delays);
  report(
    `from a line in the journal to its row, after ${steps} steps, ms at worst`,
    worst,
    300,
    `median ${median(delays)} ms`,
  );
  lock.release();
  await page.close();
  await viewer.close();
}

/** When the row of this step has come into the page. */
const rowOfStep = (step: number): string => `new Promise((resolve) => {
  const isThere = () => [...document.querySelectorAll(".item .number")].some(({ textContent }) => textContent === "${step}");
  const observer = new MutationObserver(() => isThere() && (observer.disconnect(), resolve(Date.now())));
  observer.observe(document.body, { subtree: true, childList: true, characterData: true });
})`;

async function openPage(browser: Browser, address: string): Promise<Page> {
  const page = await browser.newPage();
  await page.setViewport({ width: 1360, height: 860 });
  await page.goto(address);
  return page;
}

async function startViewer(cwd: string): Promise<{ address: string; close(): Promise<unknown> }> {
  const child = spawn(process.execPath, [bin, "view", "--no-open"], { cwd, stdio: ["ignore", "pipe", "inherit"] });
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  const [address = ""] = text.toString().split("\n");
  return {
    address,
    async close() {
      const ended = once(child, "exit");
      child.kill("SIGINT");
      return ended;
    },
  };
}
