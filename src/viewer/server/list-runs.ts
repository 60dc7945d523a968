import { stat } from "node:fs/promises";
import { shortIds } from "../../history/listing/find-run.js";
import { summarizeRun, type RunSummary } from "../../history/listing/summaries.js";
import { journalFile } from "../../history/run-log.js";
import { inOrder, lockHolderOf, runDirectory, runNames } from "../../history/runs.js";
import type { StateWords } from "../run/run-view.js";
import type { ListedRun } from "../shapes.js";

/** Lists the runs of a home, newest first; a journal that has not changed is not read again. */
export function createRunList(home: string, words: Pick<StateWords, "state">): () => Promise<ListedRun[]> {
  const known = new Map<string, { mark: string; summary: RunSummary }>();
  const summaryOf = async (run: string): Promise<RunSummary> => {
    const { size = -1, mtimeMs = 0 } = (await stat(journalFile(runDirectory(home, run))).catch(() => null)) ?? {};
    const mark = `${size} ${mtimeMs} ${lockHolderOf(home, run)}`;
    const before = known.get(run);
    if (before?.mark === mark) return before.summary;
    const summary = await summarizeRun(home, run);
    known.set(run, { mark, summary });
    return summary;
  };
  return async () => {
    const names = inOrder(await runNames(home)).reverse();
    const ids = shortIds(names);
    const listed: ListedRun[] = [];
    for (const name of names) {
      const { run, state, aiName, goal, steps, costUsd, started, durationMs } = await summaryOf(name);
      const id = ids.get(run) ?? run;
      listed.push({ run, id, state, stateText: words.state(state), aiName, goal, steps, costUsd, started, durationMs });
    }
    return listed;
  };
}
