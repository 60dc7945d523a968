import { commandLine } from "../../base/process/command-line.js";
import { commandInShort } from "../../console/text/step-line.js";
import { table } from "../../console/text/table.js";
import { whenText } from "../../console/text/words.js";
import { shortIds } from "../../history/listing/find-run.js";
import { shownDigits } from "../../history/questions/digest.js";
import { runNames } from "../../history/runs.js";
import { homesOf, waitingRuns, type Waiting } from "./waiting.js";

export type ListOptions = {
  home: string;
  /** The list of all folders in which runs are kept, where those are meant as well. */
  homesFile: string | null;
  json: boolean;
  width: number | undefined;
};

/** `autogpt questions`: what runs wait for, as a table, oldest first, or as one JSON array. */
export async function listQuestions({ home, homesFile, json, width }: ListOptions): Promise<string> {
  const homes = await homesOf(home, homesFile);
  const waiting = await waitingRuns(homes);
  if (json) return JSON.stringify(waiting.map(jsonOf));
  if (waiting.length === 0) return homesFile === null ? `No run in ${home} waits for an answer.` : "No run waits.";
  const ids = shortIds((await Promise.all(homes.map(runNames))).flat());
  const now = new Date();
  const rows = waiting.map(({ home: place, recorded: { run, start }, parked }) => [
    ids.get(run) ?? run,
    whenText(new Date(parked.time), now),
    String(parked.step),
    parked.question.slice(0, shownDigits),
    parked.effect,
    commandInShort(parked),
    start.aiName,
    ...(homesFile === null ? [] : [place]),
  ]);
  const shown = table(homesFile === null ? columns : [...columns, { heading: "Folder", least: 12 }], rows, width);
  const [first] = waiting;
  const id = first === undefined ? "" : (ids.get(first.recorded.run) ?? first.recorded.run);
  const where = homesFile === null ? "" : "In the folder of a run, ";
  return `${shown}\n\n${where}${commandLine(`approve ${id}`)} shows all of one and asks; ${commandLine(`deny ${id}`)} says no.`;
}

const columns = [
  { heading: "Id" },
  { heading: "Asked", leaveOut: 1 },
  { heading: "Step", align: "right", leaveOut: 2 },
  { heading: "Question" },
  { heading: "Effect", leaveOut: 3 },
  { heading: "Command", least: 16 },
  { heading: "Name", least: 8 },
] as const;

const jsonOf = ({ home, recorded: { run, start }, parked }: Waiting): object => {
  const { step, time, question, command, effect, unconfined = false, preview, remark = null } = parked;
  return { run, home, aiName: start.aiName, step, time, question, command, effect, unconfined, preview, remark };
};
