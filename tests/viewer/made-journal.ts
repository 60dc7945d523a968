import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentEvent } from "../../src/history/events.js";
import { questionOf } from "../../src/history/questions/digest.js";
import { emptyTotals } from "../../src/history/totals.js";
import { lineWithSum } from "../../src/storage/line-sum.js";

export type MadeOptions = {
  run: string;
  steps: number;
  /** What stands in every field that a model, a page or a user may have written; the number of the step goes to it. */
  text?: (step: number) => string;
  /** Whether the run ends with a question. */
  parked?: boolean;
  /** Whether it has not ended. */
  open?: boolean;
};

/** `long`: what a page or a program has said. */
type Texts = { text: string; model: string; long: string };

/** As much as commands answer as a rule. */
const page = "All that a page says, line by line, or a program that was run.\n".repeat(30);

const usage = { promptTokens: 1200, cachedTokens: 900, completionTokens: 80 };

/** Writes a journal of so many steps into this home, as a run would have left it. */
export async function makeJournal(home: string, options: MadeOptions): Promise<void> {
  const { run, steps, text } = options;
  const textOf = (step: number): Texts =>
    text === undefined
      ? { text: `step ${step}`, model: "gpt-4o", long: `${page}${step}` }
      : { text: text(step), model: text(step), long: text(step) };
  const events: AgentEvent[] = [startOf(run, textOf(0).text)];
  for (let step = 1; step <= steps; step += 1) events.push(...stepOf(run, step, textOf(step)));
  if (options.open !== true) events.push(...endOf(options, textOf(0).text));
  const folder = join(home, "runs", run);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "events.jsonl"), linesOf(events));
}

/** The lines of one more step, as the run would add them. */
export const linesOfStep = (run: string, step: number): string =>
  linesOf(stepOf(run, step, { text: `step ${step}`, model: "gpt-4o", long: page }), step * eventsInStep);

/** As many as a step has at the most. */
const eventsInStep = 10;

const linesOf = (events: readonly AgentEvent[], seqBefore = 0): string =>
  events
    .map((event, at) => {
      const seq = seqBefore + at + 1;
      const time = new Date(Date.UTC(2026, 10, 28) + seq * 50).toISOString();
      return `${lineWithSum({ seq, time, elapsedMs: seq * 50, ...event })}\n`;
    })
    .join("");

const startOf = (run: string, text: string): AgentEvent => ({
  ...{ type: "run-start", format: 1, run, version: text, aiName: text, aiRole: text },
  goals: [text, { goal: `Checked ${text}`, checks: [{ file_exists: text }] }],
  ...{ model: { smart: text, fast: text }, only: null, memory: text, workspace: text, continuous: true },
  limits: { steps: null, costUsd: 5, tokens: null, seconds: null },
  requireProof: false,
});

function stepOf(run: string, step: number, { text, model, long }: Texts): AgentEvent[] {
  const command = { name: text, args: { [text]: text, file: text } };
  const source = { run, step: Math.max(1, step - 1), kind: text, from: text };
  const asked = { step, purpose: "think", model, reservedUsd: 0.01, reservedTokens: 4000 } as const;
  const result = {
    ok: step % 7 !== 0,
    text: long,
    files: { created: [text], changed: [], deleted: [] },
    edited: text,
    links: [text],
  };
  return [
    {
      type: "context-built",
      step,
      tokens: 1200,
      messages: 9,
      memories: 1,
      recalled: [{ id: text, score: 0.5, source }],
    },
    { type: "model-requested", ...asked },
    ...(step % 5 === 0
      ? ([
          { type: "model-retry", step, attempt: 1, waitMs: 5, problem: text, usage, costUsd: 0.0004 },
          { type: "model-requested", ...asked },
        ] as const)
      : []),
    { type: "model-replied", step, purpose: "think", text: long, finishReason: "stop", usage, costUsd: 0.0004 },
    {
      type: "reply-parsed",
      step,
      command,
      problem: null,
      thoughts: { text, reasoning: text, plan: text, criticism: text, speak: "" },
    },
    ...(step === 2
      ? ([{ type: "agent-message", step, key: text, role: "user", text, name: text, task: text }] as const)
      : []),
    { type: "command-start", step, command, effect: text },
    { type: "step-end", step, command, outcome: "ran", result, totals: { ...emptyTotals(), costUsd: step * 0.0004 } },
    { type: "step-remembered", step },
  ];
}

function endOf({ run, steps, parked }: MadeOptions, text: string): AgentEvent[] {
  const step = steps + 1;
  const command = { name: text, args: { [text]: text } };
  const totals = { ...emptyTotals(), ...usage, requests: steps, costUsd: steps * 0.0004 };
  const preview = [
    { kind: "file", path: text, before: null, after: { bytes: 3, text } },
    { kind: "text", title: text, text },
    { kind: "shell", line: text },
    { kind: "address", host: text, url: text },
  ] as const;
  const check = { check: text, passed: false, found: text, remarks: [text], judgedBy: text, excerpt: text };
  const goals = [
    { goal: text, verdict: "claimed", evidence: null },
    { goal: `Checked ${text}`, verdict: "failed", evidence: text, checks: [check] },
  ] as const;
  return [
    { type: "circle-found", step: steps, kind: "repeat", steps: [steps], text, rung: 1 },
    { type: "context-tainted", step: steps, kind: "page", from: text },
    { type: "effect-stopped", step: steps, command: text, reason: text, instead: "refused" },
    ...(parked
      ? ([
          { type: "context-built", step, tokens: 10, messages: 2, memories: 0, recalled: [] },
          {
            type: "command-parked",
            step,
            question: questionOf({ command, effect: text, preview: [...preview] }),
            command,
            effect: text,
            preview: [...preview],
            remark: text,
          },
        ] as const)
      : []),
    {
      ...{ type: "run-end", run, reason: parked ? "parked" : "task-complete", exitCode: parked ? 75 : 0, steps },
      ...{ goals: [...goals], usage: totals, durationMs: steps * 500, message: text, answer: text, workspace: text },
      ...{ files: { created: [text], changed: [], deleted: [] }, refusals: [{ step: 1, command: text, reason: text }] },
    },
  ];
}

/** Texts that try to get out of where they are shown; that of the third step has so many characters. */
export const hostile =
  (most: number) =>
  (step: number): string =>
    `${step}</script><script>document.title="hacked";alert(1)</script><img src=x onerror="alert(2)"><style>*{display:none}</style>` +
    `<iframe src="javascript:alert(3)"></iframe>\u001b[2J\u0000\u202eevil\u2066\u200b<!--'"\`\${alert(4)} javascript:alert(5) ` +
    `עברית العربية ${step === 3 ? "x".repeat(most) : "w".repeat(300)}\nsecond line`;
