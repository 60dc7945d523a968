import { join } from "node:path";
import { replaceFileSync } from "../../base/files.js";
import type { Mask } from "../../base/mask.js";
import { mostSteps, reportInMarkdown } from "../../console/report/markdown.js";
import type { RunReport } from "../../history/report/run-report.js";
import { runDirectory } from "../../history/runs.js";
import { reportNow } from "../report-now.js";
import { changedLineCounts, type LineCount } from "../../snapshots/net-changes.js";

/** What a run came to, and where that can be read. */
export type WrittenReport = { report: RunReport; lines: ReadonlyMap<string, LineCount>; file: string };

/**
 * Makes `report.md`, which tells as well what was undone since, in a run's folder from its journal. Throws where that cannot be read, or the
 * file not be written. After a power cut it may be empty: `runs show --markdown` makes the same page.
 */
export async function writeReport(home: string, run: string, mask: Mask): Promise<WrittenReport> {
  const report = await reportNow(home, run, { isOver: true, lastSteps: mostSteps });
  const lines = await changedLineCounts(home, run).catch(() => new Map<string, LineCount>());
  const file = join(runDirectory(home, run), "report.md");
  replaceFileSync(file, mask(reportInMarkdown(report, lines)), { isSynced: false });
  return { report, lines, file };
}
