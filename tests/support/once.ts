import { usualTimeLimits } from "../../src/base/waiting/time-limits.js";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Command, CommandContext } from "../../src/commands/command.js";
import type { Check, CheckResult, RunShell } from "../../src/goals/check.js";
import { judgeGoals } from "../../src/goals/judge.js";
import { prepareGoals } from "../../src/goals/prepare.js";
import type { CommandResult } from "../../src/history/event-parts.js";
import type { GoalVerdict } from "../../src/history/goals.js";
import { openWorkspace, type Workspace } from "../../src/workspace/workspace.js";
import { temporaryFolder } from "./program.js";

/** A workspace of its own with these files. */
export async function workspaceWith(t: TestContext, files: Record<string, string>): Promise<Workspace> {
  const folder = await temporaryFolder(t);
  const root = join(folder, "ws");
  const workspace = await openWorkspace({ root, forbidden: [], temporaryDirectory: join(folder, "temporary") });
  for (const [file, text] of Object.entries(files)) await workspace.write(file, text);
  return workspace;
}

const noShell: RunShell = async () => ({ exitCode: null, output: "", problem: "there is no shell here" });

/** Carries out one check, with what stands behind its name in ai_settings.yaml; `found` begins with the check's name. */
export async function checkOnce(
  check: Check,
  value: unknown,
  workspace: Workspace,
  runShell: RunShell = noShell,
): Promise<CheckResult> {
  const goals = prepareGoals([{ goal: "a goal", checks: [{ [check.name]: value }] }], [check]);
  const [judged] = (await judgeGoals(goals, { completed: false, workspace, runShell })) as [GoalVerdict];
  return { ok: judged.verdict !== "failed", found: judged.evidence ?? "" };
}

/** Runs one command with these arguments, and with what of a context it uses. */
export async function commandOnce(
  command: Command,
  args: object,
  context: Partial<CommandContext>,
): Promise<CommandResult> {
  const result = await command.run(
    command.args.parse(args) as never,
    { timeLimits: usualTimeLimits, ...context } as CommandContext,
  );
  return typeof result === "string" ? { ok: true, text: result } : result;
}
