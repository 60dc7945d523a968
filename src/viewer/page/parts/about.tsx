import type { ComponentChildren } from "preact";
import type { Overview } from "../../shapes.js";
import { duration, when } from "../words.js";
import { Card, Facts, Line } from "./text.js";

/** What holds for the whole run. */
export function About({ overview }: { overview: Overview }) {
  const changed = linesOf(overview.files);
  return (
    <>
      {changed.length > 0 && (
        <Card title="Files">
          <Lines lines={changed} />
        </Card>
      )}
      <Findings overview={overview} />
      <Card title="Run">
        <Facts facts={factsOf(overview)} />
      </Card>
    </>
  );
}

type Fact = [name: string, value: ComponentChildren];

function factsOf(overview: Overview): Fact[] {
  const { aiRole, models, memory, workspace, continuous, onApproval, started, durationMs, forkedFrom } = overview;
  const facts: Fact[] = [
    ["Role", <Line text={aiRole} />],
    ["Began", when(started)],
    ["Worked", duration(durationMs)],
    ["Models", <Line text={models.smart === models.fast ? models.smart : `${models.smart}, ${models.fast}`} />],
    ["Approval", `${continuous ? "continuous mode" : "asks"}${onApproval === null ? "" : `, ${onApproval}`}`],
    ["Workspace", <Line text={workspace} className="mono" />],
    ["Memory", <Line text={memory} />],
    ["Version", <Line text={overview.version} />],
    ["Journal", <Line text={overview.run} className="mono" />],
  ];
  if (forkedFrom !== null)
    facts.push(["Made from", <Line text={`${forkedFrom.run}, after step ${forkedFrom.step}`} />]);
  return facts;
}

const linesOf = ({ created, changed, deleted }: Overview["files"]): string[] => [
  ...created.map((file) => `+ ${file}`),
  ...changed.map((file) => `~ ${file}`),
  ...deleted.map((file) => `− ${file}`),
];

function Findings({ overview: { refusals, circles, tainted, stopped, problems } }: { overview: Overview }) {
  const parts: [string, string[]][] = [
    ["Wrong with the journal", problems],
    ["Refused", refusals.map(({ step, command, reason }) => `step ${step}, ${command}: ${reason}`)],
    ["Circles", circles.map(({ step, text }) => `after step ${step}: ${text}`)],
    ["Text of others that it has read", tainted.map(({ step, kind, from }) => `step ${step}, ${kind}: ${from}`)],
    [
      "Held back because of that",
      stopped.map(({ step, command, instead, reason }) => `step ${step}, ${command}: ${instead}, ${reason}`),
    ],
  ];
  return (
    <>
      {parts
        .filter(([, lines]) => lines.length > 0)
        .map(([title, lines]) => (
          <Card key={title} title={title}>
            <Lines lines={lines} />
          </Card>
        ))}
    </>
  );
}

const mostLines = 50;

const Lines = ({ lines }: { lines: readonly string[] }) => (
  <ul class="lines">
    {lines.slice(0, mostLines).map((line, index) => (
      <li key={index}>
        <Line text={line} className="mono" />
      </li>
    ))}
    {lines.length > mostLines && <li class="faint">and {lines.length - mostLines} others</li>}
  </ul>
);
