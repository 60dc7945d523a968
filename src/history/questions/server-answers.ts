import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { replaceFile } from "../../base/files.js";
import { parseJson } from "../../base/json.js";
import { nullIfMissing } from "../../base/system-error.js";

const keptAnswer = z.object({ id: z.string(), question: z.string(), values: z.record(z.string(), z.unknown()) });

/** What the user has entered for a server, until it is given to it; `values`: by the names of its fields. */
export type KeptAnswer = z.infer<typeof keptAnswer>;

/** Where they lie in a run's folder. */
export const serverAnswersFile = (runDirectory: string): string => join(runDirectory, "server-answers.json");

/**
 * The answers of this run that wait to be given: the one place where they are, readable by its owner alone. The journal says which of
 * them count. Whoever writes holds the run's lock. A file that is not as it was written has none.
 */
export async function readServerAnswers(runDirectory: string): Promise<readonly KeptAnswer[]> {
  const text = await readFile(serverAnswersFile(runDirectory), "utf8").catch(nullIfMissing);
  return z.object({ answers: z.array(keptAnswer) }).safeParse(parseJson(text ?? "")).data?.answers ?? [];
}

/** Keeps these, and no others; with none the file is gone. They are on disk when this resolves. */
export const writeServerAnswers = (runDirectory: string, answers: readonly KeptAnswer[]): Promise<void> =>
  answers.length === 0
    ? rm(serverAnswersFile(runDirectory), { force: true })
    : replaceFile(serverAnswersFile(runDirectory), `${JSON.stringify({ answers })}\n`);

/** Keeps those of the answers that count still, by their ids: others were written before a kill, or given right before one. */
export async function pruneServerAnswers(runDirectory: string, counting: { has(id: string): boolean }): Promise<void> {
  const kept = await readServerAnswers(runDirectory);
  const left = kept.filter(({ id }) => counting.has(id));
  if (left.length < kept.length) await writeServerAnswers(runDirectory, left);
}

/** Once a run has completed, nobody asks for any of them. */
export const forgetServerAnswers = (runDirectory: string): Promise<void> => writeServerAnswers(runDirectory, []);
