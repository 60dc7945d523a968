import { commandLine } from "../../base/process/command-line.js";
import { SettingsError } from "../../errors.js";
import { runNamed } from "../../history/listing/find-run.js";
import { knownHomes } from "../../history/listing/known-homes.js";
import { lastEventOf } from "../../history/listing/last-event.js";
import { readServerQuestions, type AskedRun } from "../../history/questions/answer-server.js";
import { readQuestion, type WaitingRun } from "../../history/questions/answer.js";
import { journalFile } from "../../history/run-log.js";
import { runDirectory, runNames } from "../../history/runs.js";

/** A run that waits for an answer, and where it is kept. */
export type Waiting = WaitingRun & { home: string };

/** A run that has parked with questions of servers, and where it is kept. */
export type WaitingServers = AskedRun & { home: string };

/** The runs of these homes that wait for an answer, the oldest question first. A journal that cannot be read asks nothing. */
export async function waitingRuns(homes: readonly string[]): Promise<Waiting[]> {
  const found = await Promise.all(homes.map((home) => waitingIn(home, readQuestion)));
  return found.flat().sort((one, other) => (one.parked.time < other.parked.time ? -1 : 1));
}

/** The runs of these homes in which servers wait for an answer. */
export const waitingServers = async (homes: readonly string[]): Promise<WaitingServers[]> =>
  (await Promise.all(homes.map((home) => waitingIn(home, readServerQuestions)))).flat();

/** Whether commands of runs in this home wait for an answer. */
export const commandsWait = async (home: string): Promise<boolean> => (await waitingRuns([home])).length > 0;
/** Whether servers do. */
export const serversWait = async (home: string): Promise<boolean> => (await waitingServers([home])).length > 0;

async function waitingIn<Found extends object>(
  home: string,
  read: (home: string, run: string) => Promise<Found>,
): Promise<(Found & { home: string })[]> {
  const names = runNames(home);
  const found = await Promise.all(
    names.map(async (run) => {
      if (!mayWait(home, run)) return null;
      return read(home, run).then(
        (waiting) => ({ ...waiting, home }),
        () => null,
      );
    }),
  );
  return found.filter((one) => one !== null);
}

/** Most journals end with another reason, which their last line tells. */
function mayWait(home: string, run: string): boolean {
  const last = lastEventOf(journalFile(runDirectory(home, run)));
  return last !== null && (last["type"] !== "run-end" || last["reason"] === "parked");
}

/** This home, and with a list of homes those on it, too. */
export const homesOf = async (home: string, homesFile: string | null): Promise<string[]> => [
  ...new Set([home, ...(homesFile === null ? [] : await knownHomes(homesFile))]),
];

/**
 * The run of this name, with what it asks; without a name, the only one that waits. Throws SettingsError where that run
 * waits for nothing, and where several could be meant.
 */
export async function waitingRun(home: string, given: string | undefined): Promise<WaitingRun> {
  if (given !== undefined) return readQuestion(home, await runNamed(home, given));
  const [only, ...others] = await waitingRuns([home]);
  if (only === undefined) throw new SettingsError(`No run in ${home} waits for an answer.`);
  if (others.length === 0) return only;
  throw new SettingsError(
    `${others.length + 1} runs wait for an answer, so say which one is meant. ${commandLine("questions")} lists them.`,
  );
}
