import { gzipSync } from "node:zlib";
import { replaceFile } from "../base/files.js";
import { maskOfForeign } from "../base/mask.js";
import { SettingsError } from "../errors.js";
import { contentPolicy, pageDocument, readPageAssets } from "./server/document.js";
import type { ViewerOptions } from "./viewer-options.js";
import type { ExportedRun, StepDetail } from "./shapes.js";
import { followRun } from "./run/follow-run.js";
import { findRun } from "./run/run-place.js";
import { createDetails } from "./run/step-detail.js";

/** Writes these runs into one file that any browser shows, without a server and without secrets that are known today. Resolves to its size in bytes. */
export async function exportViewer(
  { home, otherHomes = [], fleet = null, runs, mask, words }: ViewerOptions,
  file: string,
): Promise<number> {
  const masked = maskOfForeign(mask);
  const exported: ExportedRun[] = [];
  const allDetails: StepDetail[][] = [];
  for (const run of runs) {
    const place = await findRun(run, { homes: [home, ...otherHomes], fleet });
    if (place === null) throw new SettingsError(`The run ${run} is gone.`);
    await place.fleet?.bring("all");
    const followed = followRun(place, words);
    await followed.look();
    const overview = followed.overview();
    if (overview === null) throw new SettingsError(`The journal of the run ${run} holds nothing that can be shown.`);
    const details: StepDetail[] = [];
    const events = await followed.eventsOfSteps();
    const detailOf = createDetails((step) => Promise.resolve(events.get(step) ?? []), place);
    for (const { step } of followed.rows()) details.push(masked(await detailOf(step)));
    exported.push(masked({ overview, rows: [...followed.rows()] }));
    allDetails.push(details);
  }
  const assets = await readPageAssets();
  const packed = { data: pack(exported), details: pack(allDetails) };
  const start = { mode: "file", runs: [...runs], home: "", ...packed } as const;
  const text = pageDocument(assets, start, contentPolicy(assets, { connect: false }));
  await replaceFile(file, text);
  return Buffer.byteLength(text);
}

const pack = (value: unknown): string => gzipSync(JSON.stringify(value)).toString("base64");
