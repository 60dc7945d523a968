import type { RecalledNote } from "../../../history/event-parts.js";
import type { JournalEvent } from "../../../history/events.js";
import { isSettlement, type Settlement } from "../../../history/open-requests.js";
import { escapeLine } from "../../../base/escape.js";
import type { StepDetail, StepRow } from "../../shapes.js";
import { Block, Card, Line } from "../parts/text.js";
import { counted, dollars, duration, percent, short } from "../words.js";
import { ofType } from "./of-type.js";

type ContextOptions = { events: readonly JournalEvent[]; detail: StepDetail; row: StepRow; open(step: number): void };

/** What the model was shown: how much, what of it memory brought, and all of it where the request was kept. */
export function Context({ events, detail: { sent, step }, row, open }: ContextOptions) {
  const built = ofType(events, "context-built").at(-1);
  if (built === undefined) return null;
  const { tokens, messages, recalled, lastBefore } = built;
  return (
    <Card title="Context" aside={<span class="faint">{short(tokens)} tokens</span>}>
      <p>
        {counted(messages, "message")} of {counted(step - 1, "earlier step")}. {cutText(messages, step)}
        {lastBefore !== undefined && ` The AI was told that this is its last step before the limit (${lastBefore}).`}
      </p>
      {recalled.length > 0 && <Recalled {...{ recalled, step, open }} />}
      {row.remembered && <p class="faint">This step is in memory.</p>}
      {sent === null ? (
        <p class="faint">The exact messages are not kept with this run.</p>
      ) : (
        sent.map(({ role, content }, index) => (
          <details key={index} class="sent">
            <summary>
              {role} <span class="faint">{counted(content.length, "character")}</span>
            </summary>
            <Block text={content} mono />
          </details>
        ))
      )}
    </Card>
  );
}

type RecalledOptions = { recalled: readonly RecalledNote[]; step: number; open(step: number): void };

function Recalled({ recalled, step, open }: RecalledOptions) {
  return (
    <table>
      <caption>What memory brought, the nearest first</caption>
      <thead>
        <tr>
          <th scope="col">Score</th>
          <th scope="col">Source</th>
          <th scope="col">Run, step</th>
        </tr>
      </thead>
      <tbody>
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
      </tbody>
    </table>
  );
}

/** A step stands in a context as a reply and a result; besides there are the system's message and the last one. */
function cutText(messages: number, step: number): string {
  const whole = 2 * (step - 1) + 2;
  if (messages >= whole) return "Nothing was cut.";
  return `Older steps were cut: at most ${counted(Math.max(0, Math.floor((messages - 2) / 2)), "step")} stand in it whole.`;
}

/** Each request with what it took; what brought no answer is waste. */
export function Requests({ events }: { events: readonly JournalEvent[] }) {
  const asked = ofType(events, "model-requested");
  const settled = events.filter((event) => isSettlement(event));
  if (asked.length === 0 && settled.length === 0) return null;
  const open = asked.length - settled.length;
  return (
    <Card title="Requests">
      <table class="requests">
        <thead>
          <tr>
            <th scope="col">For</th>
            <th scope="col">Sent</th>
            <th scope="col">Cached</th>
            <th scope="col">Answered</th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {settled.map((event) => (
            <Request key={event.seq} event={event} />
          ))}
        </tbody>
      </table>
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
