import { parseJson } from "../../base/json.js";
import * as z from "zod";
import { countTold, tellRun } from "../../history/questions/messages.js";
import type { RunStore } from "../store/run-store.js";

/** What is said to a run of the fleet, in its order; times as ISO 8601. It only grows. */
const toldTexts = z.array(z.object({ text: z.string(), time: z.string() }));
type Told = z.infer<typeof toldTexts>[number];

const nameOf = (run: string): string => `told:${run}`;
const readTold = (text: string | null): readonly Told[] =>
  text === null ? [] : (toldTexts.safeParse(parseJson(text)).data ?? []);

/** Says this to a run, at work or not; it is in the store when this resolves. */
export async function tellStored(
  store: Pick<RunStore, "shared" | "replaceShared">,
  run: string,
  told: Told,
): Promise<void> {
  for (;;) {
    const { text } = await store.shared(nameOf(run));
    if (await store.replaceShared(nameOf(run), text, JSON.stringify([...readTold(text), told]))) return;
  }
}

/**
 * Hands on to a run what was said to it since, by the file in its folder, which is kept in the store as all its files are: how many texts
 * are in there says which are new. Calls must not overlap.
 */
export async function handOnTold(store: Pick<RunStore, "shared">, run: string, runDirectory: string): Promise<void> {
  const all = readTold((await store.shared(nameOf(run))).text);
  if (all.length === 0) return;
  for (const { text, time } of all.slice(await countTold(runDirectory)))
    await tellRun(runDirectory, text, new Date(time));
}
