import { messageOf, SettingsError } from "../../errors.js";
import { contentsOf, isArtifact } from "../folder/entry.js";
import { StoreDownError, type RunStore, type StoredRun } from "../store/run-store.js";
import { requireMark } from "./same-place.js";
import type { Artifacts } from "./artifacts.js";

/** A place for contents, and the mark by which it is known; null for none. */
export type MarkedArtifacts = { artifacts: Artifacts; mark: string } | null;

/**
 * A store whose contents of large files lie elsewhere. They are there before `put` resolves, and are removed after the batch is kept that drops
 * them: a name is used in one epoch alone, so nobody who comes later needs what an earlier one still removes.
 */
export function withArtifacts(store: RunStore, marked: MarkedArtifacts): RunStore {
  if (marked === null) return withoutArtifacts(store);
  const { artifacts, mark } = marked;
  const nameOf = (run: string, content: string): string => `${run}/${content}`;
  const remove = async (names: readonly string[]): Promise<void> => {
    // What stays only takes up room, until the run's next part or its end in the store.
    for (const name of names) await artifacts.remove(name).catch(() => undefined);
  };
  return {
    ...store,
    hasArtifacts: true,
    async put(run, epoch, contents) {
      const large = [...contents].filter(([content]) => isArtifact(content));
      await Promise.all(large.map(([content, bytes]) => artifacts.put(nameOf(run, content), bytes)));
      // What was written to a folder that was not mounted any more is nowhere.
      if (large.length > 0) await requireMark(artifacts, mark);
      await store.put(run, epoch, new Map([...contents].filter(([content]) => !isArtifact(content))));
    },
    async commit(run, epoch, batch) {
      await store.commit(run, epoch, { ...batch, dropped: batch.dropped.filter((content) => !isArtifact(content)) });
      await remove(batch.dropped.filter(isArtifact).map((content) => nameOf(run, content)));
    },
    async read(run) {
      const stored = await store.read(run);
      return stored === null ? null : { ...stored, contents: new Set(await contentsIn(artifacts, run, stored)) };
    },
    async contents(run, contents) {
      const large = contents.filter(isArtifact);
      const plain = contents.filter((content) => !isArtifact(content));
      const found = [
        ...(await Promise.all(large.map((content) => artifacts.get(nameOf(run, content))))),
        ...(await store.contents(run, plain)),
      ];
      if (found.slice(0, large.length).includes(null)) await requireMark(artifacts, mark);
      const byName = new Map([...large, ...plain].map((content, index) => [content, found[index] ?? null]));
      return contents.map((content) => byName.get(content) ?? null);
    },
    async remove(run) {
      await store.remove(run);
      await removeAll(artifacts, mark, run);
    },
    async close() {
      artifacts.close();
      await store.close();
    },
  };
}

/** Removes what a run has there that is gone from the store. Throws StoreDownError, which says where something of it stays. */
async function removeAll(artifacts: Artifacts, mark: string, run: string): Promise<void> {
  try {
    // A folder that is not mounted has nothing of the run either.
    await requireMark(artifacts, mark);
    await artifacts.removeAll(run);
  } catch (thrown) {
    const where = `the folder ${run} at ${artifacts.place}`;
    throw new StoreDownError(`${messageOf(thrown)} Large files of the run stay in ${where}: remove it there.`, {
      cause: thrown,
    });
  }
}

/** What is kept of a run. Most have nothing there, and are not asked about: something may be left where one died that had it. */
async function contentsIn(
  artifacts: Artifacts,
  run: string,
  { contents, epoch, files }: StoredRun,
): Promise<Iterable<string>> {
  const named = [...files.values()].flatMap(contentsOf).filter(isArtifact);
  if (named.length === 0 && epoch <= firstEpochOfWork) return contents;
  const there = await artifacts.list(run);
  return [...contents, ...named, ...there.map((name) => name.slice(run.length + 1))];
}

/** Whoever puts the run in has the first one. */
const firstEpochOfWork = 2;

/** A run that has contents elsewhere is left to those who know where that is. */
function withoutArtifacts(store: RunStore): RunStore {
  return {
    ...store,
    contents(run, contents) {
      if (contents.some(isArtifact))
        throw new SettingsError(
          `The run ${run} keeps large files at a place of its own: set ARTIFACTS_URL to it, as at the worker that had the run before, and start this one again.`,
        );
      return store.contents(run, contents);
    },
  };
}
