import { SettingsError } from "../../errors.js";
import { parseJson } from "../../base/json.js";
import type { ListedRun, RunStore, WorkerFacts } from "../store/run-store.js";

/** What a run needs of its worker, sorted, none twice; a run without any is taken by all workers. */
export type Tags = readonly string[];

const mostTags = 10;
const tagForm = /^[a-z0-9][a-z0-9._-]{0,39}$/;

/** Tags as somebody types them, with commas between. Throws SettingsError. */
export function tagsFrom(text: string): Tags {
  const given = text.split(",").map((tag) => tag.trim().toLowerCase());
  if (given.length > 1 && given.includes(""))
    throw new SettingsError(`--tags has a comma too many: ${JSON.stringify(text)}. Write them as in gpu,web.`);
  const wrong = given.find((tag) => !tagForm.test(tag));
  if (wrong !== undefined)
    throw new SettingsError(
      `--tags must be words such as gpu,web, of letters, digits, ".", "_" and "-" and at most 40 characters each, not ${JSON.stringify(wrong)}.`,
    );
  const tags = [...new Set(given)].sort();
  if (tags.length <= mostTags) return tags;
  throw new SettingsError(`--tags takes at most ${mostTags} tags, not ${tags.length}.`);
}

/** Whether a worker with these tags takes a run that asks for those. */
export const takes = (worker: Tags, run: Tags): boolean => run.every((tag) => worker.includes(tag));

/**
 * The tags for which a run waits in vain: those that no worker has, all of the run's where each has a worker but none has all; none where
 * some worker takes it.
 */
export function missingTags(workers: readonly Pick<WorkerFacts, "tags">[], run: Tags): Tags {
  if (run.length === 0 || workers.some(({ tags }) => takes(tags, run))) return [];
  const unknown = run.filter((tag) => !workers.some(({ tags }) => tags.includes(tag)));
  return unknown.length > 0 ? unknown : run;
}

/** The same for a run of a list: only one that waits can wait in vain. */
export const missingFor = (workers: readonly WorkerFacts[], { order, status }: ListedRun): Tags =>
  status.state === "waiting" || status.state === "parked" ? missingTags(workers, order.tags) : [];

const name = "tag-sets";

type SharedStore = Pick<RunStore, "shared" | "replaceShared">;

/** The sets of tags that any run has ever asked for: each has a queue of its own. */
export async function knownTagSets(store: Pick<SharedStore, "shared">): Promise<Tags[]> {
  return readSets((await store.shared(name)).text);
}

function readSets(text: string | null): Tags[] {
  const sets = text === null ? [] : parseJson(text);
  if (!Array.isArray(sets)) return [];
  return sets.filter((tags): tags is string[] => Array.isArray(tags) && tags.every((tag) => typeof tag === "string"));
}

/** Makes a set known to all workers. It has to be known before the first run lies in its queue, where nobody would look otherwise. */
export async function addTagSet(store: SharedStore, tags: Tags): Promise<void> {
  for (;;) {
    const { text } = await store.shared(name);
    const sets = readSets(text);
    if (sets.some((one) => String(one) === String(tags))) return;
    if (await store.replaceShared(name, text, JSON.stringify([...sets, tags]))) return;
  }
}
