import { goalOf } from "../../../history/goals.js";
import type { Usage } from "../../../history/event-parts.js";
import { isSettlement } from "../../../history/open-requests.js";
import type { ReportedStep } from "../../../history/report/run-report.js";
import type { ExportedRun } from "./exported-run.js";

/** The version of the Agent Trajectory Interchange Format of Harbor that this writes. */
const version = "ATIF-v1.6";

type Metrics = { prompt_tokens: number; completion_tokens: number; cached_tokens: number; cost_usd: number };

/** A run as a trajectory in ATIF, one JSON object. */
export function atif({ report, events, opening, version: program }: ExportedRun): object {
  const { start, steps, usage, reportedSteps } = report;
  const times = timesIn(events);
  const metrics = metricsIn(events);
  const first = start.goals.map((goal, index) => `${index + 1}. ${goalOf(goal).goal}`).join("\n");
  const before = [
    ...opening.filter(({ role }) => role === "system").map(({ text }) => ({ source: "system", message: text })),
    { source: "user", message: `You are ${start.aiName}, ${start.aiRole}\n\nGOALS:\n\n${first}` },
  ];
  const began = events[0]?.time;
  const all = [
    ...before.map((step) => ({ ...(began !== undefined && { timestamp: began }), ...step })),
    ...reportedSteps.map((step) =>
      stepOf(step, {
        ...{ time: times.get(step.step), model: start.model.smart, metrics: metrics.get(step.step) },
        isCopied: step.step <= (start.forkedFrom?.step ?? 0),
      }),
    ),
  ];
  return {
    schema_version: version,
    session_id: report.run,
    agent: { name: "autogpt", version: program, model_name: start.model.smart },
    steps: all.map((step, index) => ({ step_id: index + 1, ...step })),
    final_metrics: {
      total_prompt_tokens: usage?.promptTokens ?? 0,
      total_completion_tokens: usage?.completionTokens ?? 0,
      total_cached_tokens: usage?.cachedTokens ?? 0,
      total_cost_usd: usage?.costUsd ?? 0,
      total_steps: all.length,
    },
    extra: {
      state: report.state,
      steps,
      goals: report.end?.goals.map(({ goal, verdict, evidence }) => ({ goal, verdict, evidence })) ?? [],
    },
  };
}

type About = { time: string | undefined; model: string; metrics: Metrics | undefined; isCopied: boolean };

function stepOf(step: ReportedStep, { time, model, metrics, isCopied }: About): object {
  const { text, command, outcome, result, thoughts } = step;
  const timestamp = time === undefined ? {} : { timestamp: time };
  // A step without a reply is what the user said.
  if (text === "") return { ...timestamp, source: "user", message: result.text, extra: { step: step.step, outcome } };
  const id = `call-${step.step}`;
  const call = command && { tool_call_id: id, function_name: command.name, arguments: command.args };
  const reasoning = thoughts?.reasoning ?? "";
  return {
    ...timestamp,
    source: "agent",
    model_name: model,
    message: thoughts === null || thoughts.text === "" ? text : thoughts.text,
    ...(reasoning !== "" && { reasoning_content: reasoning }),
    ...(call && { tool_calls: [call] }),
    observation: { results: [{ ...(call && { source_call_id: id }), content: result.text }] },
    ...(metrics && { metrics }),
    ...(isCopied && { is_copied_context: true }),
    extra: { step: step.step, outcome, ok: result.ok, reply: text },
  };
}

const timesIn = (events: ExportedRun["events"]): Map<number, string> =>
  new Map(events.flatMap((event) => (event.type === "step-end" ? [[event.step, event.time] as const] : [])));

/** What the requests of each step took, retries included. */
function metricsIn(events: ExportedRun["events"]): Map<number, Metrics> {
  const metrics = new Map<number, Metrics>();
  for (const event of events) {
    if (!isSettlement(event)) continue;
    if (event.type === "model-replied" && event.purpose !== "think") continue;
    const { promptTokens, completionTokens, cachedTokens }: Usage = event.usage;
    const so = metrics.get(event.step) ?? { prompt_tokens: 0, completion_tokens: 0, cached_tokens: 0, cost_usd: 0 };
    metrics.set(event.step, {
      prompt_tokens: so.prompt_tokens + promptTokens,
      completion_tokens: so.completion_tokens + completionTokens,
      cached_tokens: so.cached_tokens + cachedTokens,
      cost_usd: so.cost_usd + event.costUsd,
    });
  }
  return metrics;
}
