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
import { tellStored } from "../../fleet/questions/told.js";
import { namedRun } from "../fleet/named-run.js";
import { withFleet } from "../fleet/with-fleet.js";
import { isHere, withPlace } from "./place.js";
import { commandsWait, waitingRun } from "./waiting.js";

type Loaded = Pick<LoadedSettings, "settings" | "secrets">;

/**
 * `autogpt deny`: says no to what a parked run wants to do. The AI is told so, with the reason. Resolves to what was done,
 * in a sentence; throws SettingsError where nothing waits.
 */
export const deny = (
  { settings, secrets }: Loaded,
  given: string | undefined,
  reason: string | undefined,
): Promise<string> =>
  withPlace(settings, given, commandsWait, async (place) => {
    const { recorded, parked } = await waitingRun(place.home, given);
    const { run } = recorded;
    const text = reason?.trim() ?? "";
    const answer = { answer: "deny" as const, ...(text !== "" && { text }) };
    const { handedTo } = await place.answering(run, (home) =>
      answerQuestion(home, { run, question: parked.question }, answer, createMask(secrets)),
    );
    return handedTo === null ? `Denied. ${place.goesOn(run)} without it.` : handedOver("Denied", handedTo);
  });

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
  const masked = createMask(secrets)(text);
  if (settings.queueUrl !== undefined && !(await isHere(home, given)))
    return tellFleet(settings.queueUrl, given, masked, new Date());
  const run = await runNamed(home, given);
  const isGoingOn = lockHolderOf(home, run) !== null;
  if (!isGoingOn && isCompleted(await readRunNamed(runsDirectory(home), run)))
    throw new SettingsError(`The run ${run} has completed, so it hears nothing any more.`);
  await tellRun(runDirectory(home, run), masked, new Date());
  return isGoingOn
    ? "Said. It is heard before the next step."
    : `Said. It is heard when the run goes on: ${commandLine(`--resume ${run}`)}`;
}

/** Says something to a run of the fleet at this address, given by its name or a part of it; the text has no secret. Throws SettingsError for one that has completed. */
export const tellFleet = (address: string, given: string, text: string, now: Date): Promise<string> =>
  withFleet(address, async ({ store }) => {
    const { run, status } = namedRun(await store.list(), given);
    if (status.state === "ended" && status.exitCode === 0)
      throw new SettingsError(`The run ${run} has completed, so it hears nothing any more.`);
    await tellStored(store, run, { text, time: now.toISOString() });
    return status.state === "running"
      ? "Said. It is heard before the next step."
      : "Said. It is heard when a worker of the fleet goes on with the run.";
  });
