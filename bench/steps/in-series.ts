import { rm } from "node:fs/promises";
import { join } from "node:path";
import { median, report, startInstantServer, withFolder } from "../support/measure.js";
import { costOfStep, ours } from "./costs.js";

const rounds = 9;
const waitMs = 200;
const [many, few] = [20, 4];

/** How many requests a step with memory has to wait for, one after the other, by its time on a server that is far away. */
export async function reportInSeries(): Promise<void> {
  await withFolder(async (folder) => {
    const server = await startInstantServer("look", waitMs);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await rm(join(folder, ".autogpt", "memory"), { recursive: true, force: true });
      times.push((await costOfStep(ours("local"), { folder, server }, many, few)).whole);
    }
    server.close();
    const what = `requests in series a step with memory on a server ${waitMs} ms away`;
    report(what, median(times) / waitMs, 1.05, `${median(times).toFixed(0)} ms a step`);
  });
}
