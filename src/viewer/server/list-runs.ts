import { stat } from "node:fs/promises";
import { shortIds } from "../../history/listing/find-run.js";
import { journalFile } from "../../history/run-log.js";
import { inOrder, lockHolderOf, runDirectory, runNames } from "../../history/runs.js";
import { glanceAt, type Glance } from "../run/glance.js";
import type { StateWords } from "../run/run-view.js";
import { listed, type ListedRun } from "../shapes.js";

/** Lists the runs of homes, the first one's own first, each home's newest first, by the first line and the end of each journal; one that has not changed is not read again. */
export function createRunList(homes: readonly string[], words: StateWords): () => Promise<ListedRun[]> {
  const known = new Map<string, { mark: string; glance: Glance | null }>();
  const glanceOf = async (home: string, run: string): Promise<Glance | null> => {
    const file = journalFile(runDirectory(home, run));
    const { size = -1, mtimeMs = 0, ino = 0 } = (await stat(file).catch(() => null)) ?? {};
    const mark = `${ino} ${size} ${mtimeMs}`;
    const before = known.get(file);
    if (before?.mark === mark) return before.glance;
    const glance = await glanceAt(file).catch(() => null);
    known.set(file, { mark, glance });
    return glance;
  };
  /** What a glance tells of the run, or `unknown` where it is not what a journal holds. */
  const listedOr = (unknown: ListedRun, glance: Glance | null, home: string): ListedRun => {
    try {
      const overview = glance?.overview(lockHolderOf(home, unknown.run) !== null, words) ?? null;
      return overview === null ? unknown : listed(overview, unknown.id);
    } catch {
      return unknown;
    }
  };
  const runsOf = async (home: string): Promise<ListedRun[]> => {
    const names = inOrder(runNames(home)).reverse();
    const ids = shortIds(names);
    const runs: ListedRun[] = [];
    for (const run of names) {
      const id = ids.get(run) ?? run;
      const glance = await glanceOf(home, run);
      runs.push({ ...listedOr(unreadable(run, id, words), glance, home), home: home === homes[0] ? null : home });
    }
    return runs;
  };
  return async () => {
    const all: ListedRun[] = [];
    for (const home of homes) all.push(...(await runsOf(home)));
    return all;
  };
}

const unreadable = (run: string, id: string, words: StateWords): ListedRun => ({
  ...{ run, id, state: "unreadable", stateText: words.state("unreadable"), aiName: null, goal: null },
  ...{ steps: 0, costUsd: 0, started: null, durationMs: 0, home: null },
});
