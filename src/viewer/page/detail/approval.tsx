import type { JournalEvent } from "../../../history/events.js";
import { Card, Line } from "../parts/text.js";
import { when } from "../words.js";
import { ofType } from "./of-type.js";

const answers: ReadonlyMap<string, string> = new Map([
  ["run", "approved from another process"],
  ["deny", "denied from another process"],
  ["feedback", "answered with a text from another process"],
  ["stop", "stopped from another process"],
]);

/** How it came that the command ran, or did not. */
export function Approval({ events }: { events: readonly JournalEvent[] }) {
  const asked = [...ofType(events, "command-asked"), ...ofType(events, "command-parked")];
  const answered = ofType(events, "command-answered");
  const [started] = ofType(events, "command-start");
  const outcome = ofType(events, "step-end").at(-1)?.outcome;
  if (asked.length === 0 && started === undefined && outcome !== "refused") return null;
  return (
    <Card title="Approval">
      <ul class="lines">
        {asked.map(({ seq, type, time, effect, remark }) => (
          <li key={seq}>
            {type === "command-parked" ? "The run was parked for a question" : "The user was asked"} at {when(time)}:{" "}
            <Line text={effect} />
            {remark !== undefined && <Line text={` ${remark}`} className="faint" />}
          </li>
        ))}
        {answered.map(({ seq, time, answer, text = "" }) => (
          <li key={seq}>
            {answers.get(answer) ?? <Line text={answer} />} at {when(time)} <Line text={text} />
          </li>
        ))}
        {started !== undefined && (
          <li>
            {asked.length === 0 ? "It ran without a question" : "It ran"}
            {started.effect !== undefined && (
              <>
                : <Line text={started.effect} />
              </>
            )}
            {started.bounds?.offline === true && ", without network"}
          </li>
        )}
        {outcome === "refused" && <li>It was refused.</li>}
        {outcome === "feedback" && <li>You said something instead of yes.</li>}
      </ul>
    </Card>
  );
}

/** What the program found out in this step. */
export function Found({ events }: { events: readonly JournalEvent[] }) {
  const lines = [
    ...ofType(events, "circle-found").map(({ text }) => `Circle: ${text}`),
    ...ofType(events, "context-tainted").map(
      ({ kind, from }) => `From here on its context holds text of others: ${kind} ${from}`,
    ),
    ...ofType(events, "effect-stopped").map(
      ({ command, reason, instead }) => `${command}: ${instead}, because ${reason}`,
    ),
    ...ofType(events, "rule-added").map(({ rule }) => `Rule added: ${JSON.stringify(rule)}`),
    ...ofType(events, "limit-near").map(({ limit, used, of }) => `${used} of ${of} of the limit of ${limit} are used`),
  ];
  if (lines.length === 0) return null;
  return (
    <Card title="Found out">
      <ul class="lines">
        {lines.map((line, index) => (
          <li key={index}>
            <Line text={line} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
