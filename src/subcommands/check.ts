import { join } from "node:path";
import { escapeText } from "../base/escape.js";
import { createAskModel } from "../compose/checks/ask-model.js";
import { withEmptyWorkspace } from "../compose/checks/empty-workspace.js";
import { createCode, workspaceOf } from "../compose/code.js";
import { fixGoals, mostSecondsAtStart, type FixedGoals } from "../compose/goals.js";
import { createRunWeb } from "../compose/web.js";
import { SettingsError } from "../errors.js";
import { equipNew } from "../extensions/equip.js";
import { nothingAdded } from "../extensions/equipment.js";
import type { AskModel, CheckContext, RunShell } from "../goals/check.js";
import { printsOf } from "../goals/fixed.js";
import { judgeGoals } from "../goals/judge.js";
import { refuseUnrunnable } from "../goals/prepare.js";
import { checkGoalsAtStart, vacuousChecks } from "../goals/start.js";
import type { GoalVerdict } from "../history/goals.js";
import { openAiSettings } from "../settings/ai/ai-settings.js";
import { trustFile } from "../settings/environment/trust-file.js";
import { requireKey } from "../settings/require-key.js";
import type { Settings } from "../settings/schema.js";
import type { Workspace } from "../workspace/workspace.js";

export type Checked = { text: string; passed: boolean };

export type CheckOptions = {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  json: boolean;
  /** The checks themselves are looked at: whether they pass before any work, or in an empty folder. */
  vacuous?: boolean;
  signal: AbortSignal;
};

/** What is compared with the start of a run cannot be looked at outside of one. */
const onlyInRuns = new Set(["file_unchanged", "folder_untouched"]);

/**
 * `autogpt check`: carries out the goals' checks alone. Goals without checks are listed and count for nothing. Throws
 * the signal's reason when it is interrupted, SettingsError for extensions that nobody has trusted yet.
 */
export async function checkGoals(settings: Settings, options: CheckOptions): Promise<Checked> {
  const { cwd, environment, signal, vacuous = false } = options;
  const file = await openAiSettings(settings.aiSettingsFile);
  if (file === null)
    throw new SettingsError(`${settings.aiSettingsFile} does not exist, so there are no goals to check.`);
  const trust = { file: trustFile(environment), given: settings.trustExtensions, ask: null };
  const naming = { file: settings.aiSettingsFile, extensions: file.extensions };
  const { checks } = await equipNew({ added: nothingAdded, trust }, naming, settings.workspaceDirectory);
  const ai = file.read(checks);
  const temporary = join(settings.home, "tmp");
  const fixed = await fixGoals({
    ...{ settings, cwd, temporary, checks, goals: ai.goals, protect: ai.protect ?? [] },
    mustNot: (ai.mustNot ?? []).filter((written) => !onlyInRuns.has(Object.keys(written)[0] ?? "")),
    workspaceDirectory: settings.workspaceDirectory,
  });
  const { workspaceDirectory } = settings;
  const workspace = await workspaceOf(workspaceDirectory, fixed.own, temporary);
  const code = createCode(settings, workspace.root, fixed.own);
  const web = createRunWeb(settings);
  try {
    await refuseUnrunnable(fixed.goals, checks, code.problemWithChecks);
    const context: CheckContext = {
      workspace,
      runShell: unlessAborted(code.runShell(signal, vacuous ? mostSecondsAtStart : undefined), signal),
      requestPage: (url, seconds) => web.request(url, seconds * 1000, signal),
      askModel: askOutsideRun(settings, signal),
    };
    return await (vacuous ? lookForVacuous : judgeNow)(settings, fixed, context, options);
  } finally {
    await web.close();
    await code.close();
  }
}

async function judgeNow(
  _settings: Settings,
  { goals, bases }: FixedGoals,
  context: CheckContext,
  { json, signal }: CheckOptions,
): Promise<Checked> {
  const start = { checks: [], files: await printsOf(goals, bases, context.workspace) };
  const verdicts = await judgeGoals(goals, { ...context, bases, start, completed: false });
  signal.throwIfAborted();
  const passed = verdicts.every(({ verdict }) => verdict !== "failed");
  return { passed, text: json ? JSON.stringify({ passed, goals: verdicts }) : verdicts.map(line).join("\n") };
}

async function lookForVacuous(
  settings: Settings,
  fixed: FixedGoals,
  context: CheckContext,
  { json, signal }: CheckOptions,
): Promise<Checked> {
  const { goals } = fixed;
  const { workspace }: { workspace: Workspace } = context;
  const start = await withEmptyWorkspace(
    { ...fixed, settings, workspace, signal, seconds: mostSecondsAtStart },
    (empty) => checkGoalsAtStart(goals, { ...context, ...fixed, signal, empty }),
  );
  signal.throwIfAborted();
  const vacuous = start === null ? [] : vacuousChecks(goals, start);
  const passed = vacuous.length === 0;
  if (json) return { passed, text: JSON.stringify({ passed, vacuous, checks: start?.checks ?? [] }) };
  const lines = vacuous.map(({ goal, check, why }) => `${JSON.stringify(goal)}: the check "${check}" ${why}`);
  if (lines.length > 0) return { passed, text: escapeText(lines.join("\n")) };
  return {
    passed,
    text: start === null ? "No goal has checks." : "No check passes already, here or in an empty folder.",
  };
}

/** The smart model under the limits of the settings, asked when a check needs it. */
function askOutsideRun(settings: Settings, signal: AbortSignal): AskModel {
  let opened: Promise<AskModel> | undefined;
  const open = async (): Promise<AskModel> => {
    requireKey(settings);
    const [{ openServer }, { chatOutsideRun }, { createTokenCounter }] = await Promise.all([
      import("../compose/server.js"),
      import("../compose/chat.js"),
      import("../model/tokens.js"),
    ]);
    const server = await openServer(settings);
    const { entry } = server.model("smart");
    const model = {
      model: chatOutsideRun(server, settings, "smart"),
      counter: createTokenCounter(entry),
      contextTokens: settings.smartTokenLimit ?? settings.contextTokens,
      answerTokens: 0,
    };
    return createAskModel({ model, step: () => 0, signal });
  };
  return async (question, text) => (await (opened ??= open()))(question, text);
}

/** After Ctrl-C, no further check is begun. */
const unlessAborted =
  (runShell: RunShell, signal: AbortSignal): RunShell =>
  async (command, seconds) => {
    signal.throwIfAborted();
    return runShell(command, seconds);
  };

const line = ({ goal, verdict, evidence, guard }: GoalVerdict): string => {
  const shown = verdict === "open" ? "no checks" : verdict;
  const found = evidence === null ? "" : `\n  ${escapeText(evidence)}`;
  return `${shown}: ${guard ? escapeText(goal) : escapeText(JSON.stringify(goal))}${found}`;
};
