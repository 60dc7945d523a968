import type { RecalledNote } from "../../../history/event-parts.js";
import type { JournalEvent } from "../../../history/events.js";
import { isSettlement, type Settlement } from "../../../history/open-requests.js";
import { escapeLine } from "../../../base/escape.js";
import type { SentMessage, StepDetail, StepRow } from "../../shapes.js";
import { Table } from "../parts/table.js";
import { Block, Card, Line } from "../parts/text.js";
import { rowOf } from "../sources/use-run.js";
import { counted, dollars, duration, percent, short } from "../words.js";
import { rangesOf, sentContext } from "./cut.js";
import { ofType } from "./of-type.js";

type ContextOptions = {
  events: readonly JournalEvent[];
  detail: StepDetail;
  row: StepRow;
  rows: readonly StepRow[];
  open(step: number): void;
};

/** What the model was shown: how much, what was cut, what memory brought, and all of it where the request was kept. */
export function Context({ events, detail: { sent, step }, row, rows, open }: ContextOptions) {
  const built = ofType(events, "context-built").at(-1);
  if (built === undefined) return null;
  const { tokens, messages, recalled, lastBefore } = built;
  return (
    <Card title="Context" aside={<span class="faint">{short(tokens)} tokens</span>}>
      {lastBefore !== undefined && <p>The AI was told that this is its last step before the limit ({lastBefore}).</p>}
      {recalled.length > 0 && <Recalled {...{ recalled, step, open }} />}
      {row.remembered && <p class="faint">This step is in memory.</p>}
      {sent === null ? <Estimated {...{ messages, step }} /> : <Sent {...{ sent, step, rows }} />}
    </Card>
  );
}

/** The request message by message, and what it does not have of the steps before. */
function Sent({ sent, step, rows }: { sent: readonly SentMessage[]; step: number; rows: readonly StepRow[] }) {
  const ran = (one: number): boolean => /^(ran|unfinished)$/.test(rowOf(rows, one)?.state ?? "");
  const { messages, missing, hasSummary } = sentContext(sent, step, ran);
  const shortened = messages.filter((message) => message.shortened !== null).length;
  return (
    <>
      <p>
        {missing === null
          ? `Of ${counted(step - 1, "earlier step")} not all stand in it; which, its messages do not tell.`
          : missing.length === 0
            ? step > 1 && "All earlier steps stand in it."
            : `Cut: ${missing.length === 1 ? "step" : "steps"} ${rangesOf(missing)}${hasSummary ? "; a summary tells of them" : ""}.`}
        {shortened > 0 && ` Shortened: ${counted(shortened, "message")}.`}
      </p>
      {messages.map(({ role, content, label, shortened: cut }, index) => (
        <details key={index} class="sent">
          <summary>
            <Line text={role} />{" "}
            <span class="faint">
              {label}, {counted(content.length, "character")}
            </span>
            {cut !== null && (
              <span class="waste">
                {" "}
                the first {cut.shown.toLocaleString("en")} of {cut.of.toLocaleString("en")} characters
              </span>
            )}
          </summary>
          <Block text={content} mono />
        </details>
      ))}
    </>
  );
}

type RecalledOptions = { recalled: readonly RecalledNote[]; step: number; open(step: number): void };

function Recalled({ recalled, step, open }: RecalledOptions) {
  return (
    <Table caption="What memory brought, the nearest first" columns={["Score", "Source", "Run, step"]}>
      {recalled.map(({ id, score, source }) => (
        <tr key={id}>
          <td>{score.toFixed(3)}</td>
          <td>
            <Line text={source.kind} /> <Line text={source.from ?? ""} className="mono" />
            {source.tainted === true && <span class="waste"> holds text of others</span>}
          </td>
          <td>
            {source.step > 0 && source.step < step ? (
              <button type="button" class="quiet" onClick={() => open(source.step)}>
                step {source.step}
              </button>
            ) : (
              `step ${source.step}`
            )}{" "}
            <Line text={source.run} className="mono faint" />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/**
 * What the number of messages tells where they were not kept: two are for each step that is shown, one for the system, one is the last, and one
 * tells of what was cut.
 */
function Estimated({ messages, step }: { messages: number; step: number }) {
  const shown = Math.min(step - 1, Math.max(0, Math.floor((messages - 2) / 2)));
  return (
    <p>
      {counted(messages, "message")}.{" "}
      {shown < step - 1
        ? `By their number, ${counted(shown, "step")} of ${step - 1} stand in it, as a rule the last ones; the others were cut.`
        : "By their number, no step was cut."}{" "}
      <span class="faint">This is estimated: the messages themselves are not kept with this run.</span>
    </p>
  );
}

/** Each request with what it took; what brought no answer is waste. */
export function Requests({ events }: { events: readonly JournalEvent[] }) {
  const asked = ofType(events, "model-requested");
  const settled = events.filter((event) => isSettlement(event));
  if (asked.length === 0 && settled.length === 0) return null;
  const open = asked.length - settled.length;
  return (
    <Card title="Requests">
      <Table class="requests" columns={["For", "Sent", "Cached", "Answered", "Cost"]}>
        {settled.map((event) => (
          <Request key={event.seq} event={event} />
        ))}
      </Table>
      {open > 0 && <p class="faint">{counted(open, "request")} not answered yet, or never.</p>}
      <p class="faint">
        Reserved for each at most:{" "}
        {asked
          .map(
            ({ model, reservedUsd, reservedTokens }) =>
              `${escapeLine(model)} ${dollars(reservedUsd)} (${short(reservedTokens)} tokens)`,
          )
          .join(", ")}
      </p>
    </Card>
  );
}

function Request({ event }: { event: Settlement }) {
  const { usage, costUsd } = event;
  const wasted = event.type !== "model-replied";
  return (
    <>
      <tr class={wasted ? "wasted" : ""}>
        <th scope="row">
          {event.type === "model-replied"
            ? event.purpose
            : event.type === "model-retry"
              ? `attempt ${event.attempt}`
              : "failed"}
          {wasted && <span class="waste"> waste</span>}
        </th>
        <td>{short(usage.promptTokens)}</td>
        <td>{percent(usage.cachedTokens, usage.promptTokens)}</td>
        <td>{short(usage.completionTokens)}</td>
        <td>{dollars(costUsd)}</td>
      </tr>
      {event.type !== "model-replied" && (
        <tr class="wasted">
          <td colSpan={5}>
            <Line text={event.problem} />
            {event.type === "model-retry" && <span class="faint"> waited {duration(event.waitMs)}</span>}
          </td>
        </tr>
      )}
    </>
  );
}

/** What was said to sub-agents, and by them. */
export function Talk({ events }: { events: readonly JournalEvent[] }) {
  const said = ofType(events, "agent-message");
  if (said.length === 0) return null;
  return (
    <Card title="Sub-agents">
      {said.map(({ seq, key, role, name, text }) => (
        <div class="thought" key={seq}>
          <div class="name">
            {role === "user" ? "to" : "by"} <Line text={name ?? key} />
          </div>
          <Block text={text} />
        </div>
      ))}
    </Card>
  );
}
