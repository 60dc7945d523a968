import { maskOfForeign, type Mask } from "../../base/mask.js";
import { cleanLine, counted } from "../../base/text.js";
import { costText, durationText, momentInWords, stateInWords } from "../../console/text/words.js";
import { table } from "../../console/text/table.js";
import { compareRuns, type Comparison, type RunFacts } from "../../run/replay/compare-runs.js";
import { valueLines } from "../../run/replay/difference.js";

/** `autogpt compare`: where two runs part, and what each came to; as text or as one JSON object; `mask` takes secrets out. */
export async function compare(
  home: string,
  [one, other]: readonly [string, string],
  { json, width, mask }: { json: boolean; width: number | undefined; mask: Mask },
): Promise<string> {
  const compared = maskOfForeign(mask)(await compareRuns(home, one, other));
  return json ? JSON.stringify(compared) : textOf(compared, width);
}

const inWords = {
  request: "in what the model was asked",
  reply: "in what the model said",
  command: "in the command",
  outcome: "in what came of the command",
  length: "one of them goes no further",
};

function textOf({ parting, sameSteps, withoutRecord, runs }: Comparison, width: number | undefined): string {
  const [first, second] = runs;
  const row = (name: string, value: (facts: RunFacts) => string): string[] => [name, value(first), value(second)];
  const facts = [
    row("ended", ({ state }) => stateInWords(state)),
    ...([first, second].some(({ undoneAfter }) => undoneAfter !== null) ? [row("undone", undoneText)] : []),
    row("steps", ({ steps }) => String(steps)),
    row("cost", ({ costUsd, unpriced }) => costText({ costUsd, ...(unpriced && { unpriced }) })),
    row("time", ({ durationMs }) => durationText(durationMs)),
    ...goalRows(first.goals, second.goals),
  ];
  const head = [{ heading: "" }, { heading: first.run }, { heading: second.run }];
  const unknown =
    withoutRecord.length === 0
      ? []
      : [`What the model was asked is not compared: there is no record of ${withoutRecord.join(" and ")}.`];
  return [...partingLines(parting, sameSteps), ...unknown, "", table(head, facts, width)].join("\n");
}

const undoneText = ({ undoneAfter }: RunFacts): string =>
  undoneAfter === null ? "" : `the workspace is as it was ${momentInWords(undoneAfter)}`;

/** Every goal of either, by its number in the first that has it. */
function goalRows(ours: RunFacts["goals"], theirs: RunFacts["goals"]): string[][] {
  const others = theirs.filter(({ goal }) => ours.every((own) => own.goal !== goal));
  const verdictIn = (goals: RunFacts["goals"], wanted: string): string =>
    goals.find(({ goal }) => goal === wanted)?.verdict ?? "not a goal";
  return [...ours, ...others].map(({ goal }, index) => [
    `goal ${index + 1}: ${cleanLine(goal, mostOfGoal)}`,
    verdictIn(ours, goal),
    verdictIn(theirs, goal),
  ]);
}

const mostOfGoal = 40;

function partingLines(parting: Comparison["parting"], sameSteps: number): string[] {
  if (parting === null) return [`Both runs are the same in all of their ${counted(sameSteps, "step")}.`];
  const { step, place, first, second } = parting;
  const head = `The runs part in step ${step}, ${inWords[parting.in]}${parting.in === "length" ? "" : ":"}`;
  const lines = parting.in === "length" ? [] : valueLines({ place, expected: first, found: second });
  return [head, ...lines, `Before that ${counted(sameSteps, "step")} ${sameSteps === 1 ? "is" : "are"} the same.`];
}
