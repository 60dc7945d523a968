import { reportOf, type ReportOptions, type RunReport } from "../history/report/run-report.js";
import { undonePosition } from "../snapshots/position.js";

/** The report of a run, and whether steps of it are undone by now; that is left out where its record of changes cannot be read. Throws as reportOf. */
export async function reportNow(home: string, run: string, options?: ReportOptions): Promise<RunReport> {
  const report = await reportOf(home, run, options);
  return { ...report, undoneAfter: await undonePosition(home, run).catch(() => null) };
}
