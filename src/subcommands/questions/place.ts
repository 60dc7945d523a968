import { commandLine } from "../../base/process/command-line.js";
import { counted } from "../../base/text.js";
import { SettingsError } from "../../errors.js";
import { answerParked } from "../../fleet/questions/answer-parked.js";
import { withRecords } from "../../fleet/questions/record.js";
import type { StoredRun } from "../../fleet/store/run-store.js";
import { runNamed } from "../../history/listing/find-run.js";
import { namedRun } from "../fleet/named-run.js";
import { withFleet, type Fleet } from "../fleet/with-fleet.js";

/** Where runs that wait for an answer are kept. */
export type QuestionPlace = {
  /** A home with the records of these runs; what is written there counts only within `answering`. */
  home: string;
  /** The fleet's store, where they are kept there. */
  fleet: string | null;
  /** Writes an answer: `work` gets the home that has the run's record as it is now. */
  answering<Result>(run: string, work: (home: string) => Promise<Result>): Promise<Result>;
  /** How the run goes on once it is answered, as a sentence begins. */
  goesOn(run: string): string;
};

const localPlace = (home: string): QuestionPlace => ({
  home,
  fleet: null,
  answering: (_run, work) => work(home),
  goesOn: (run) => `${commandLine(`--resume ${run}`)} goes on`,
});

export type PlaceOptions = {
  home: string;
  /** The address of the fleet's queue, where there is one. */
  queueUrl?: string | undefined;
};

/**
 * Where the run of this name waits: in this home, or else in the fleet; without a name, where any run waits. `waitsIn` says whether one does in a
 * home. Throws SettingsError where no such run is, and where it could be both.
 */
export async function withPlace<Result>(
  { home, queueUrl }: PlaceOptions,
  given: string | undefined,
  waitsIn: (home: string) => Promise<boolean>,
  work: (place: QuestionPlace) => Promise<Result>,
): Promise<Result> {
  const local = localPlace(home);
  if (queueUrl === undefined || (given !== undefined && (await isHere(home, given)))) return work(local);
  const isLocal = given === undefined && (await waitsIn(home));
  return withFleet(queueUrl, (fleet) =>
    withFleetPlace(fleet, given, async (place) => {
      if (given !== undefined) return work(place);
      const isThere = await waitsIn(place.home);
      if (!isThere) return work(local);
      if (!isLocal) return work(place);
      throw new SettingsError(
        `Runs wait for an answer in ${home} and in the fleet, so say which one is meant. ${commandLine("questions")} lists them.`,
      );
    }),
  );
}

/** The place of the fleet's runs that are parked with questions, or of the one of this name. */
export async function withFleetPlace<Result>(
  fleet: Fleet,
  given: string | undefined,
  work: (place: QuestionPlace) => Promise<Result>,
): Promise<Result> {
  const { store } = fleet;
  const listed = await store.list();
  const meant =
    given === undefined
      ? listed.filter(({ status }) => status.state === "parked" && status.asks !== undefined)
      : [namedRun(listed, given)];
  const runs = new Map<string, StoredRun>();
  for (const { run, status } of meant) {
    if (given !== undefined) requireNotOver(run, status.state);
    const stored = await store.read(run);
    if (stored !== null && stored.lines.length > 0) runs.set(run, stored);
  }
  let left = 0;
  return withRecords(runs, store, (home) =>
    work({
      ...{ home, fleet: store.place },
      async answering(run, answer) {
        const answered = await answerParked(fleet, run, answer);
        left = answered.left;
        return answered.result;
      },
      goesOn: () =>
        left === 0
          ? "A worker of the fleet goes on"
          : `Once ${counted(left, "more question")} ${left === 1 ? "is" : "are"} answered, a worker of the fleet goes on`,
    }),
  );
}

function requireNotOver(run: string, state: string): void {
  if (state === "parked") return;
  const why = {
    running: "is at work, so it asks nothing at the moment",
    waiting: "waits for a worker, and has no question that is open",
  }[state];
  throw new SettingsError(
    `The run ${run} ${why ?? "is over, so it asks nothing any more"}. ${commandLine("questions")} lists those that do.`,
  );
}

/** Whether this home has a run of this name. */
export const isHere = (home: string, given: string): Promise<boolean> =>
  runNamed(home, given).then(
    () => true,
    () => false,
  );
