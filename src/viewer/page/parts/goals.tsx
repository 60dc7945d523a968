import type { GoalView } from "../../shapes.js";
import { verdictTone } from "../words.js";
import { Block, Card, Line, Pill } from "./text.js";

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
