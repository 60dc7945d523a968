import type { ComponentChildren } from "preact";
import type { GoalView, Overview, StepRow } from "../../shapes.js";
import { counted, dollars, duration, percent, short, verdictTone, when } from "../words.js";
import { CacheChart, CostChart, TokenChart } from "./charts.js";
import { Block, Card, Facts, Line, Pill } from "./text.js";

/** Goals first, each with what became of it and why that is believed. */
export function Goals({ goals }: { goals: readonly GoalView[] }) {
  return (
    <Card title="Goals">
      <ul class="goals">
        {goals.map((goal, index) => (
          <Goal key={index} {...goal} />
        ))}
      </ul>
    </Card>
  );
}

function Goal({ goal, guard, checks, verdict, evidence }: GoalView) {
  const found = evidence?.checks ?? [];
  return (
    <li>
      <div class="goal">
        <Pill tone={verdictTone(verdict)}>{guard && verdict === "open" ? "must not" : verdict}</Pill>
        <Line text={goal} />
      </div>
      {found.map(({ check, passed, found: what, remarks = [], judgedBy, excerpt }, index) => (
        <div class="evidence" key={index}>
          <span class={passed ? "good" : "bad"}>{passed ? "passed" : "failed"}</span>{" "}
          <Line text={check} className="mono" />
          <div class="found">
            <Line text={what} />
            {judgedBy !== undefined && <Line text={` judged by ${judgedBy}`} className="faint" />}
          </div>
          {remarks.map((remark) => (
            <div class="found" key={remark}>
              <Line text={remark} className="faint" />
            </div>
          ))}
          {excerpt !== undefined && excerpt !== "" && (
            <details>
              <summary>What it saw</summary>
              <Block text={excerpt} mono />
            </details>
          )}
        </div>
      ))}
      {found.length === 0 && typeof evidence?.evidence === "string" && (
        <div class="evidence">
          <Line text={evidence.evidence} />
        </div>
      )}
      {evidence === null &&
        checks.map((check) => (
          <div class="evidence" key={check}>
            <span class="faint">to be checked</span> <Line text={check} className="mono" />
          </div>
        ))}
    </li>
  );
}

export function Answer({ text }: { text: string }) {
  return (
    <Card title="Answer">
      <Block text={text} />
    </Card>
  );
}

export function Money({ overview, rows }: { overview: Overview; rows: readonly StepRow[] }) {
  const { money, limits, totals, spending } = overview;
  const left = limits.costUsd === null ? null : Math.max(0, limits.costUsd - money.settledUsd - money.reservedUsd);
  return (
    <Card title="Cost">
      <div class="figures">
        <Figure name="settled" value={dollars(money.settledUsd)} />
        <Figure name="reserved" value={dollars(money.reservedUsd)} />
        <Figure name="left" value={left === null ? "no limit" : dollars(left)} />
        <Figure name="waste" value={dollars(money.wasteUsd)} />
      </div>
      {limits.costUsd !== null && limits.costUsd > 0 && <Meter {...{ ...money, limit: limits.costUsd }} />}
      {totals.unpriced && <p class="faint">Some models have no known price: this is what the rest cost.</p>}
      {totals.estimated && <p class="faint">Some of it no server has reported: the bill may be lower.</p>}
      {rows.length > 1 && <CostChart rows={rows} />}
      {spending.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Model, purpose</th>
              <th scope="col">Requests</th>
              <th scope="col">Tokens</th>
              <th scope="col">Cost</th>
            </tr>
          </thead>
          <tbody>
            {spending.map(({ model, purpose, totals: used }) => (
              <tr key={`${model} ${purpose}`}>
                <th scope="row">
                  <Line text={model} /> <span class="faint">{purpose}</span>
                </th>
                <td>{used.requests}</td>
                <td>{short(used.promptTokens + used.completionTokens + used.embeddingTokens)}</td>
                <td>{dollars(used.costUsd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

const Figure = ({ name, value }: { name: string; value: string }) => (
  <div class="figure">
    <b>{value}</b>
    <span>{name}</span>
  </div>
);

function Meter({ settledUsd, reservedUsd, limit }: { settledUsd: number; reservedUsd: number; limit: number }) {
  const share = (amount: number): string => `${Math.min(100, (100 * amount) / limit)}%`;
  const label = `${dollars(settledUsd)} settled and ${dollars(reservedUsd)} reserved of ${dollars(limit)}`;
  return (
    <div class="meter" role="img" aria-label={label} title={label}>
      <span class="settled" style={{ width: share(settledUsd) }} />
      <span class="reserved" style={{ width: share(reservedUsd) }} />
    </div>
  );
}

export function Tokens({ overview, rows }: { overview: Overview; rows: readonly StepRow[] }) {
  const { promptTokens, cachedTokens, completionTokens, embeddingTokens, requests } = overview.totals;
  return (
    <Card title="Tokens">
      <div class="figures">
        <Figure name="sent" value={short(promptTokens)} />
        <Figure name="from cache" value={percent(cachedTokens, promptTokens)} />
        <Figure name="answered" value={short(completionTokens)} />
        <Figure name="embedded" value={short(embeddingTokens)} />
      </div>
      {rows.length > 1 && (
        <>
          <p class="legend">
            <i class="sent" /> sent <i class="cached" /> cached <i class="answered" /> answered, by step
          </p>
          <TokenChart rows={rows} />
          <p class="legend">share from the cache, by step</p>
          <CacheChart rows={rows} />
        </>
      )}
      <p class="faint">{counted(requests, "request")}</p>
    </Card>
  );
}

/** What holds for the whole run. */
export function About({ overview }: { overview: Overview }) {
  const {
    aiRole,
    models,
    memory,
    workspace,
    continuous,
    onApproval,
    started,
    durationMs,
    forkedFrom,
    receipts,
    files,
  } = overview;
  const facts: [string, ComponentChildren][] = [
    ["Role", <Line text={aiRole} />],
    ["Began", when(started)],
    ["Worked", duration(durationMs)],
    ["Models", <Line text={models.smart === models.fast ? models.smart : `${models.smart}, ${models.fast}`} />],
    ["Approval", `${continuous ? "continuous mode" : "asks"}${onApproval === null ? "" : `, ${onApproval}`}`],
    ["Workspace", <Line text={workspace} className="mono" />],
    [
      "Memory",
      <Line
        key="memory"
        text={`${memory}: ${counted(receipts.remembered, "step")} remembered, ${counted(receipts.recalled, "record")} recalled`}
      />,
    ],
    ["Version", <Line text={overview.version} />],
    ["Journal", <Line text={overview.run} className="mono" />],
  ];
  if (forkedFrom !== null)
    facts.push(["Made from", <Line text={`${forkedFrom.run}, after step ${forkedFrom.step}`} />]);
  const changed = linesOf(files);
  return (
    <>
      {changed.length > 0 && (
        <Card title="Files">
          <Lines lines={changed} />
        </Card>
      )}
      <Findings overview={overview} />
      <Card title="Run">
        <Facts facts={facts} />
      </Card>
    </>
  );
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
