import { createMask } from "../../base/mask.js";
import { commandLine } from "../../base/process/command-line.js";
import { SettingsError } from "../../errors.js";
import { runNamed } from "../../history/listing/find-run.js";
import { answerQuestion } from "../../history/questions/answer.js";
import { tellRun } from "../../history/questions/messages.js";
import { readRunNamed } from "../../history/read-run.js";
import { isCompleted } from "../../history/resume.js";
import { lockHolderOf, runDirectory, runsDirectory } from "../../history/runs.js";
import type { LoadedSettings } from "../../settings/load.js";
import { waitingRun } from "./waiting.js";

type Loaded = Pick<LoadedSettings, "settings" | "secrets">;

/**
 * `autogpt deny`: says no to what a parked run wants to do. The AI is told so, with the reason. Resolves to what was done,
 * in a sentence; throws SettingsError where nothing waits.
 */
export async function deny(
  { settings, secrets }: Loaded,
  given: string | undefined,
  reason: string | undefined,
): Promise<string> {
  const { home } = settings;
  const { recorded, parked } = await waitingRun(home, given);
  const { run } = recorded;
  const text = reason?.trim() ?? "";
  const answer = { answer: "deny" as const, ...(text !== "" && { text }) };
  const { handedTo } = await answerQuestion(home, { run, question: parked.question }, answer, createMask(secrets));
  return handedTo === null
    ? `Denied. ${commandLine(`--resume ${run}`)} goes on without it.`
    : handedOver("Denied", handedTo);
}

/** What is said of an answer that the process takes which waits for it. */
export const handedOver = (what: "Approved" | "Denied", pid: number): string =>
  `${what}, unless the question has just been answered at the run's terminal; process ${pid} goes on at once.`;

/**
 * `autogpt tell`: says something to a run, which hears it before its next step, whether it goes on at the moment or later.
 * Throws SettingsError for one that has completed, and for a text without a word.
 */
export async function tell({ settings, secrets }: Loaded, given: string, words: readonly string[]): Promise<string> {
  const { home } = settings;
  const text = words.join(" ").trim();
  if (text === "") throw new SettingsError(`Say something: ${commandLine(`tell ${given} TEXT`)}`);
  const run = await runNamed(home, given);
  const isGoingOn = lockHolderOf(home, run) !== null;
  if (!isGoingOn && isCompleted(await readRunNamed(runsDirectory(home), run)))
    throw new SettingsError(`The run ${run} has completed, so it hears nothing any more.`);
  await tellRun(runDirectory(home, run), createMask(secrets)(text), new Date());
  return isGoingOn
    ? "Said. It is heard before the next step."
    : `Said. It is heard when the run goes on: ${commandLine(`--resume ${run}`)}`;
}
