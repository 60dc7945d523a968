import { cleanLine } from "../../base/text.js";
import { commandLine } from "../../base/process/command-line.js";
import { commandInShort } from "../../console/text/step-line.js";
import { table } from "../../console/text/table.js";
import { whenText } from "../../console/text/words.js";
import { shortIds } from "../../history/listing/find-run.js";
import { shownDigits } from "../../history/questions/digest.js";
import { runNames } from "../../history/runs.js";
import { withFleet } from "../fleet/with-fleet.js";
import { withFleetPlace, type QuestionPlace } from "./place.js";
import { homesOf, waitingRuns, waitingServers, type Waiting, type WaitingServers } from "./waiting.js";

export type ListOptions = {
  home: string;
  /** The list of all folders in which runs are kept, where those are meant as well. */
  homesFile: string | null;
  /** The address of a fleet's queue, where its runs are meant as well. */
  queueUrl?: string | undefined;
  json: boolean;
  width: number | undefined;
};

/** `autogpt questions`: what runs wait for, as a table, oldest first, or as one JSON array. Throws SettingsError where the fleet is away. */
export const listQuestions = ({ queueUrl, ...options }: ListOptions): Promise<string> =>
  queueUrl === undefined
    ? listIn(options, null)
    : withFleet(queueUrl, (fleet) => withFleetPlace(fleet, undefined, (place) => listIn(options, place)));

async function listIn(
  { home, homesFile, json, width }: Omit<ListOptions, "queueUrl">,
  place: QuestionPlace | null,
): Promise<string> {
  const local = await homesOf(home, homesFile);
  const homes = [...local, ...(place === null ? [] : [place.home])];
  const fleet = place?.fleet ?? null;
  const isOfFleet = (one: { home: string }): boolean => one.home === place?.home;
  const [runs, servers] = await Promise.all([waitingRuns(homes), waitingServers(homes)]);
  const waiting = [...runs.map(ofCommand), ...servers.flatMap(ofServers)].sort((one, other) =>
    one.time < other.time ? -1 : 1,
  );
  if (json)
    return JSON.stringify(waiting.map((one) => (isOfFleet(one) ? { ...one.told, home: null, fleet } : one.told)));
  const showsPlaces = homes.length > 1 || homesFile !== null;
  if (waiting.length === 0) return showsPlaces ? "No run waits." : `No run in ${home} waits for an answer.`;
  const ids = shortIds(homes.flatMap(runNames));
  const now = new Date();
  const rows = waiting.map(({ home: where, run, aiName, time, step, question, effect, what }) => [
    ids.get(run) ?? run,
    whenText(new Date(time), now),
    String(step),
    question.slice(0, shownDigits),
    effect,
    what,
    aiName,
    ...(showsPlaces ? [isOfFleet({ home: where }) ? `fleet at ${fleet}` : where] : []),
  ]);
  const shown = table(showsPlaces ? [...columns, { heading: "Folder", least: 12 }] : columns, rows, width);
  const where = homesFile === null ? "" : "In the folder of a run, ";
  const idOf = (run: string | undefined): string => ids.get(run ?? "") ?? run ?? "";
  const ways = [
    ...runs
      .slice(0, 1)
      .map(
        ({ recorded: { run } }) =>
          `${commandLine(`approve ${idOf(run)}`)} shows all of one and asks; ${commandLine(`deny ${idOf(run)}`)} says no.`,
      ),
    ...servers
      .slice(0, 1)
      .map(({ recorded: { run } }) => `${commandLine(`answer ${idOf(run)}`)} shows what a server asks, and asks you.`),
  ];
  return `${shown}\n\n${where}${ways.join("\n")}`;
}

/** What waits: as a row, and as it is told in JSON. */
type Row = {
  home: string;
  run: string;
  aiName: string;
  time: string;
  step: number;
  question: string;
  effect: string;
  what: string;
  told: object;
};

const columns = [
  { heading: "Id" },
  { heading: "Asked", leaveOut: 1 },
  { heading: "Step", align: "right", leaveOut: 2 },
  { heading: "Question" },
  { heading: "Effect", leaveOut: 3 },
  { heading: "Command", least: 16 },
  { heading: "Name", least: 8 },
] as const;

function ofCommand({ home, recorded: { run, start }, parked }: Waiting): Row {
  const { step, time, question, command, effect, unconfined = false, preview, remark = null } = parked;
  const { aiName } = start;
  const told = { run, home, aiName, step, time, question, command, effect, unconfined, preview, remark };
  return { home, run, aiName, time, step, question, effect, what: commandInShort(parked), told };
}

/** What a server asks is no command that takes a yes, so it has no effect and no preview. */
const ofServers = ({ home, recorded: { run, start }, questions }: WaitingServers): Row[] =>
  questions.map(({ step, time, question, command, message, schema, address }) => {
    const { aiName } = start;
    const server = { message, schema, address };
    return {
      ...{ home, run, aiName, time, step, question, effect: "asks you" },
      what: cleanLine(`${command.name}: ${message}`, mostShown),
      told: { run, home, aiName, step, time, question, command, server },
    };
  });

const mostShown = 60;
