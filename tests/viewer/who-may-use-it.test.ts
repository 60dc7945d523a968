import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "puppeteer";
import { serveViewer } from "../../src/viewer/server/serve.js";
import { long, temporaryFolder } from "../support/program.js";
import { closeServer, listenLocally } from "../support/services/local-server.js";
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
  if (long) {
    await page.click("#all-runs");
    await page.waitForSelector(".all-runs .item");
    found.push(...(await problemsOf(page)));
    await page.click("#back");
    await page.waitForSelector(".tabs");
  }
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
        const { identifier } = await page.evaluateOnNewDocument(axe);
        await page.goto(viewer.address);
        await page.waitForSelector(runs.length === 2 ? ".item .half" : "main");
        const found = runs.length === 1 ? await problemsOfRun(page) : await problemsOf(page);
        await page.removeScriptToEvaluateOnNewDocument(identifier);
        assert.deepEqual([found, faults, viewer.violations()], [[], [], 0], `${runs.join()} ${width} ${scheme}`);
      }
  }
});

/** What a page of another server gets to know of the viewer, even if it had the token. */
const attempts = (origin: string, token: string): string => `(async () => {
  const headers = { authorization: "Bearer ${token}", "content-type": "application/json" };
  const body = '{"text":"Do something else."}';
  const tell = "${origin}/api/runs/${plain}/tell";
  const tried = [
    fetch("${origin}/api/runs"),
    fetch("${origin}/api/runs", { headers }),
    fetch("${origin}/?token=${token}"),
    fetch(tell, { method: "POST", headers, body }),
    fetch(tell, { method: "POST", mode: "no-cors", body }).then(({ type }) => Promise.reject(type)),
  ];
  const frame = document.createElement("iframe");
  frame.src = "${origin}/?token=${token}";
  const loaded = new Promise((resolve) => (frame.onload = resolve));
  document.body.append(frame);
  const script = document.createElement("script");
  script.src = "${origin}/api/runs";
  const failed = new Promise((resolve) => { script.onerror = () => resolve("refused"); script.onload = () => resolve("loaded"); });
  document.body.append(script);
  const answers = (await Promise.allSettled(tried)).map(({ status }) => status);
  await loaded;
  let inside = "hidden";
  try { inside = frame.contentDocument === null ? "hidden" : frame.contentDocument.body.textContent; } catch {}
  return { answers, inside, script: await failed };
})()`;

test("another page in the same browser gets nothing and does nothing, even with the token", async (t) => {
  if (browser === null) return t.skip(file.problem);
  const home = join(await temporaryFolder(t), ".autogpt");
  await makeJournal(home, { run: plain, steps: 2, parked: true });
  const viewer = await serveViewer({ home, runs: [plain], mask: (value) => value, words });
  t.after(() => viewer.close());
  const { origin, searchParams } = new URL(viewer.address);
  const other = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><body>Another page");
  });
  const port = await listenLocally(other);
  t.after(() => closeServer(other));
  const { page } = await openPage(browser, `http://127.0.0.1:${port}/`);
  assert.deepEqual(await page.evaluate(attempts(origin, searchParams.get("token") ?? "")), {
    answers: ["rejected", "rejected", "rejected", "rejected", "rejected"],
    inside: "hidden",
    script: "refused",
  });
  const frame = page.frames().find((one) => one !== page.mainFrame());
  assert.ok(frame !== undefined && (await frame.$("#page")) === null, "the page is not shown in a frame");
  assert.deepEqual(await readdir(join(home, "runs", plain)), ["events.jsonl"], "nothing was said to the run");
});

test("what the page's policy refuses is counted, and shown on the page", async (t) => {
  if (browser === null) return t.skip(file.problem);
  const home = join(await temporaryFolder(t), ".autogpt");
  await makeJournal(home, { run: plain, steps: 1 });
  const viewer = await serveViewer({ home, runs: [plain], mask: (value) => value, words });
  t.after(() => viewer.close());
  const { page } = await openPage(browser, viewer.address);
  await page.waitForSelector(".item");
  const ran = await page.evaluate(`(() => {
    const script = document.createElement("script");
    try { script.text = "window.ran = true"; } catch {}
    script.append("window.ran = true");
    document.body.append(script);
    const picture = document.createElement("img");
    picture.src = "http://127.0.0.1:9/x.png";
    document.body.append(picture);
    return window.ran === true;
  })()`);
  assert.equal(ran, false);
  await page.waitForSelector(".banner");
  while (viewer.violations() === 0) await delay(5);
});
