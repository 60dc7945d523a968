import { firstCharacters } from "../../base/text.js";
import type { CommandCall } from "../../history/event-parts.js";
import type { JournalEvent } from "../../history/events.js";
import { isSettlement, type Settlement } from "../../history/open-requests.js";
import { sumOf } from "../../storage/line-sum.js";
import type { StepRow } from "../shapes.js";

const mostBrief = 160;
const mostThought = 240;
const mostResult = 200;

/** The steps of a run as a list shows them, in their order; `changed` counts up with each change, and says when a row has changed last. */
export interface StepRows {
  readonly rows: readonly StepRow[];
  readonly changed: number;
  follow(event: JournalEvent): void;
  /** The rows that have changed after that count. */
  since(count: number): StepRow[];
}

/** `first`: the step that the list begins with. */
export function createStepRows(first = 1): StepRows {
  const rows: StepRow[] = [];
  const versions: number[] = [];
  let changed = 0;
  const rowOf = (step: number, at: number): StepRow => {
    if (rows.length <= step - first) rows.push(emptyRow(step, at));
    return rows[step - first] as StepRow;
  };
  return {
    rows,
    get changed() {
      return changed;
    },
    follow(event) {
      const step = stepOf(event);
      // A journal that somebody has written by hand may name any number.
      if (step === null || !Number.isInteger(step) || step < first || step > first + rows.length) return;
      const row = rowOf(step, event.elapsedMs ?? 0);
      changed += 1;
      versions[step - first] = changed;
      change(row, event);
    },
    since: (count) => rows.filter((_row, index) => (versions[index] ?? 0) > count),
  };
}

/** The step that an event belongs to; null for the others, also for a resume, which only names the next one. */
export const stepOf = (event: JournalEvent): number | null =>
  "step" in event && typeof event.step === "number" && event.type !== "run-resumed" ? event.step : null;

/** The row of a step that has just begun, so many milliseconds of work after the run. */
export const emptyRow = (step: number, began: number): StepRow => ({
  ...{ step, command: null, brief: "", same: "", thought: "", result: "", state: "thinking", ok: null },
  ...{
    began,
    ranMs: null,
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: 0,
    costUsd: 0,
    reservedUsd: 0,
    wasteUsd: 0,
    retries: 0,
  },
  ...{ contextTokens: null, memories: 0, files: 0, remembered: false },
});

function change(row: StepRow, event: JournalEvent): void {
  if (isSettlement(event)) return pay(row, event);
  switch (event.type) {
    case "context-built":
      row.contextTokens = event.tokens;
      row.memories = event.memories;
      break;
    case "model-requested":
      row.reservedUsd = Math.max(row.reservedUsd, event.reservedUsd);
      break;
    case "reply-parsed":
      row.thought = oneLine(event.thoughts.text || event.thoughts.speak, mostThought);
      name(row, event.command);
      break;
    case "command-asked":
    case "command-parked":
      name(row, event.command);
      row.state = "waiting";
      break;
    case "command-answered":
      row.state = "thinking";
      break;
    case "command-start":
      name(row, event.command);
      row.state = "running";
      row.ranMs = -(event.elapsedMs ?? 0);
      break;
    case "step-end":
      end(row, event);
      break;
    case "step-remembered":
      row.remembered = true;
      break;
    default:
  }
}

function pay(row: StepRow, event: Settlement): void {
  row.costUsd += event.costUsd;
  if (event.type === "model-replied" && event.purpose === "embedding") return;
  row.promptTokens += event.usage.promptTokens;
  row.cachedTokens += event.usage.cachedTokens;
  row.completionTokens += event.usage.completionTokens;
  if (event.type === "model-replied") return;
  row.wasteUsd += event.costUsd;
  row.retries += 1;
}

function end(row: StepRow, event: Extract<JournalEvent, { type: "step-end" }>): void {
  const { command, outcome, result } = event;
  name(row, command);
  row.state = outcome;
  row.ok = result.ok;
  row.ranMs = row.ranMs === null ? null : Math.max(0, (event.elapsedMs ?? 0) + row.ranMs);
  row.result = oneLine(result.text.replace(/^Command \S+ returned: /, ""), mostResult);
  const { created = [], changed = [], deleted = [], more = 0 } = result.files ?? {};
  row.files = created.length + changed.length + deleted.length + more;
  row.same = `${row.same}.${outcome}.${sumOf(result.text)}`;
}

function name(row: StepRow, command: CommandCall | null): void {
  row.command = command === null ? null : oneLine(command.name, 80);
  row.brief = command === null ? "" : oneLine(Object.values(command.args).map(valueText).join("  "), mostBrief);
  row.same = command === null ? "" : sumOf(JSON.stringify([command.name, command.args]));
}

const valueText = (value: unknown): string =>
  typeof value === "string" ? firstCharacters(value, 4 * mostBrief) : (JSON.stringify(value) ?? "");

/** Its beginning on one line; what is invisible is left for the page to spell out. */
function oneLine(text: string, most: number): string {
  const line = firstCharacters(text, 4 * most)
    .replace(/\s+/g, " ")
    .trim();
  return line.length > most ? `${firstCharacters(line, most)}…` : line;
}
