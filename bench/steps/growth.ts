import { join } from "node:path";
import { median, report, startInstantServer, stepEnds, timed, withFolder } from "../support/measure.js";
import { ours, settingsFor } from "./costs.js";

const rounds = 9;
const steps = 1_000;
const longRun = 20_000;
const around = 100;

/** What a run has of memory after many steps, and how that and its steps grow over very many: that once only, since it takes minutes. */
export async function reportGrowth(): Promise<void> {
  await withFolder(async (folder) => {
    const server = await startInstantServer();
    const run = (count: number): ReturnType<typeof timed> =>
      timed(ours("no_memory")(count), folder, settingsFor(server));
    const [ratios, peaks]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const empty = await timed(["-e", "0"], folder);
      const { peakKilobytes } = await run(steps);
      peaks.push(peakKilobytes);
      ratios.push(peakKilobytes / empty.peakKilobytes);
    }
    const peak = median(peaks);
    report(`memory after ${steps} steps ÷ bare node`, median(ratios), 2.6, `${(peak / 1024).toFixed(0)} MB`);
    const long = await run(longRun);
    const ends = await stepEnds(join(folder, ".autogpt"));
    const perStep = (last: number): number => ((ends[last - 1] ?? NaN) - (ends[last - 1 - around] ?? NaN)) / around;
    report(`a step at ${longRun} ÷ one at ${steps}, a single run`, perStep(longRun) / perStep(steps), 1.1);
    report(`memory after ${longRun} steps ÷ after ${steps}`, long.peakKilobytes / peak, 1.15);
    server.close();
  });
}
