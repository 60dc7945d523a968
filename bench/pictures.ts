import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { lastRun, runNames } from "../src/history/runs.js";
import { endSentence, stateInWords } from "../src/console/text/words.js";
import { serveViewer } from "../src/viewer/server/serve.js";
import { openChromium } from "../tests/viewer/open-page.js";
import { bin, repository, withFolder } from "./support/measure.js";

const shots = [
  { name: "viewer-light", width: 1280, height: 760, scheme: "light", step: null },
  { name: "viewer-dark", width: 1280, height: 760, scheme: "dark", step: 4 },
  { name: "viewer-narrow", width: 400, height: 760, scheme: "light", step: null },
] as const;

/** `npm run pictures`: runs `autogpt demo`, and takes the pictures of docs/viewer.md from its run. Needs Chromium. */
async function main(folder: string): Promise<void> {
  const env = { PATH: process.env["PATH"], HOME: folder };
  const demo = spawnSync(process.execPath, [bin, "demo", "--keep"], { cwd: folder, env, encoding: "utf8", input: "" });
  const [, kept = ""] = /is kept: (.+)/.exec(demo.stdout) ?? [];
  if (kept === "") throw new Error(`autogpt demo ended with ${demo.status}: ${demo.stderr}`);
  const browser = await openChromium({ after: () => undefined, skip: (why) => console.error(why) });
  if (browser === null) return;
  const home = join(kept, ".autogpt");
  const run = lastRun(runNames(home)) ?? "";
  const words = { state: stateInWords, sentence: endSentence };
  const viewer = await serveViewer({ home, runs: [run], mask: (value) => value, words });
  for (const { name, width, height, scheme, step } of shots) {
    const page = await browser.newPage();
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(viewer.address);
    await page.waitForSelector(".chart canvas");
    if (step !== null) {
      await page.click(`.item:nth-child(${step})`);
      await page.waitForSelector(".step .requests");
    }
    await page.screenshot({ path: join(repository, "docs", "pictures", `${name}.png`) as `${string}.png` });
    await page.close();
  }
  await browser.close();
  await viewer.close();
  await rm(kept, { recursive: true });
}

await withFolder(main);
