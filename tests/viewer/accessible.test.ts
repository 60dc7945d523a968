import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "puppeteer";
import { serveViewer } from "../../src/viewer/server/serve.js";
import { long, temporaryFolder } from "../support/program.js";
import { wholeFile } from "../support/services/services.js";
import { hostile, makeJournal } from "./made-journal.js";
import { openChromium, openPage } from "./open-page.js";

const file = wholeFile();
const browser = await openChromium(file);
const words = { state: (state: string) => state, sentence: (reason: string) => reason };
const plain = "20261128-000000-000-abcd";
const strange = "20261128-000001-000-bcde";
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const widths = long ? [1360, 768, 400] : [400];
const schemes = long ? ["light", "dark"] : ["dark"];

/** What axe finds that is serious or critical, and whether something reaches out of the page. */
async function problemsOf(page: Page): Promise<string[]> {
  await page.evaluate(`document.querySelectorAll("details").forEach((one) => { one.open = true; })`);
  // What has come into view is measured with the next frames.
  for (let frame = 0; frame < 3; frame += 1)
    await page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))");
  const { violations } = (await page.evaluate("axe.run()")) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  const wide = (await page.evaluate("document.documentElement.scrollWidth - innerWidth")) as number;
  return [
    ...violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes: [node] }) => `${id}: ${node?.html} ${node?.failureSummary}`),
    ...(wide > 0 ? [`${wide} pixels too wide`] : []),
  ];
}

/** The parts of the page that stand behind each other where it is narrow, then a step. */
async function problemsOfRun(page: Page): Promise<string[]> {
  await page.waitForSelector(".goals .goal");
  const found = await problemsOf(page);
  await page.evaluate(`document.querySelector(".tabs button:last-child").click()`);
  found.push(...(await problemsOf(page)));
  await page.click(".item:nth-child(2)");
  await page.waitForSelector(".step .requests");
  return [...found, ...(await problemsOf(page))];
}

test("whoever uses a keyboard, a screen reader or little sight can use every part of the page, in both colours, on any width", async (t) => {
  if (browser === null) return t.skip(file.problem);
  const folder = await temporaryFolder(t);
  const home = join(folder, ".autogpt");
  await makeJournal(home, { run: plain, steps: 12, parked: true });
  await makeJournal(home, { run: strange, steps: 12, text: hostile(2_000), parked: true });
  const shown: [runs: string[], home: string][] = long
    ? [
        [[plain], home],
        [[strange], home],
        [[plain, strange], home],
        [[], join(folder, "nothing")],
      ]
    : [[[plain], home]];
  for (const [runs, where] of shown) {
    const viewer = await serveViewer({ home: where, runs, mask: (value) => value, words });
    t.after(() => viewer.close());
    for (const width of widths)
      for (const scheme of schemes) {
        const { page, faults } = await openPage(browser, "about:blank", width);
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        // Before the page's policy is there, which would not let it in afterwards.
        await page.evaluateOnNewDocument(axe);
        await page.goto(viewer.address);
        await page.waitForSelector(runs.length === 2 ? ".item .half" : "main");
        const found = runs.length === 1 ? await problemsOfRun(page) : await problemsOf(page);
        assert.deepEqual([found, faults, viewer.violations()], [[], [], 0], `${runs.join()} ${width} ${scheme}`);
        await page.close();
      }
  }
});
