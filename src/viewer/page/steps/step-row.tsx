import type { StepRow } from "../../shapes.js";
import { Line, Pill } from "../parts/text.js";
import { dollars, duration, short, stepState } from "../words.js";

/** A step as one line of the list. */
export function Row({ row, opened }: { row: StepRow; opened: number | null }) {
  const { word, tone } = stepState(row.state, row.ok);
  return (
    <div class={row.step === opened ? "row opened" : "row"}>
      <span class="number">{row.step}</span>
      <span class="what">
        <span class="first">
          <b class="mono">{row.command === null ? "…" : <Line text={row.command} />}</b>
          <Line text={row.brief} className="mono faint" />
        </span>
        <Line text={row.thought || row.result} className="second" />
      </span>
      <span class="marks">
        {row.files > 0 && <span title="Files changed">{row.files === 1 ? "1 file" : `${row.files} files`}</span>}
        {row.retries > 0 && <span class="waste">{row.retries === 1 ? "1 retry" : `${row.retries} retries`}</span>}
        <span class="cost">{dollars(row.costUsd)}</span>
        <span class="time">{row.ranMs !== null && row.ranMs >= 50 ? duration(row.ranMs) : ""}</span>
      </span>
      <Pill tone={tone}>{word}</Pill>
    </div>
  );
}

/** Steps that are still being read. */
export const Gap = ({ first, last }: { first: number; last: number }) => (
  <div class="row fold faint">
    Steps {first.toLocaleString("en")} to {last.toLocaleString("en")} are being read …
  </div>
);

/** Several steps that repeat themselves, as one line. */
export function Fold({ rows, period }: { rows: readonly StepRow[]; period: number }) {
  const first = rows[0] as StepRow;
  const last = rows.at(-1) as StepRow;
  const cost = rows.reduce((sum, row) => sum + row.costUsd, 0);
  const tokens = rows.reduce((sum, row) => sum + row.promptTokens, 0);
  const names = [...new Set(rows.slice(0, period).map(({ command }) => command ?? "…"))].join(", ");
  return (
    <div class="row fold">
      <span class="number">
        {first.step}–{last.step}
      </span>
      <span class="what">
        <span class="first">
          <b class="mono">
            <Line text={names} />
          </b>
          {period === 1 && <Line text={first.brief} className="mono faint" />}
        </span>
        <span class="second line">
          The same {period === 1 ? "step" : `${period} steps in turn`}, {rows.length / period} times. Open to see each.
        </span>
      </span>
      <span class="marks">
        <span>{short(tokens)} tokens</span>
        <span class="cost">{dollars(cost)}</span>
      </span>
      <Pill tone="plain">×{rows.length / period}</Pill>
    </div>
  );
}
