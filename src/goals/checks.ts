import { SettingsError, messageOf } from "../errors.js";
import { decodeText } from "../base/encoding.js";
import { WorkspaceError } from "../workspace/workspace-error.js";
import type { Workspace } from "../workspace/workspace.js";
import type { GoalCheck, CheckResult, Goal } from "./check.js";
import { runCheck, type RunShell } from "./run-check.js";
import { flagsOf, searchPattern } from "./search-pattern.js";

/** How large a file may be that a pattern is looked for in. */
const searchedBytes = 16 * 1024 * 1024;

/** Carries out every check, in order. A check that cannot be carried out has failed; nothing here throws for it. */
export async function runChecks(
  workspace: Workspace,
  checks: readonly GoalCheck[],
  runShell: RunShell,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const name = nameOf(check);
    try {
      const { ok, found } = await carryOut(workspace, check, runShell);
      results.push({ ok, found: `${name}: ${found}` });
    } catch (error) {
      results.push({ ok: false, found: `${name}: ${messageOf(error)}` });
    }
  }
  return results;
}

/** Throws SettingsError for the first goal with a `run` check where there is no place to run it in; `problem` says why. */
export async function refuseRunChecks(goals: readonly Goal[], problem: () => Promise<string | null>): Promise<void> {
  for (const { goal, checks } of goals) {
    const check = checks.find((each) => "run" in each);
    if (check === undefined) continue;
    const reason = await problem();
    if (reason === null) return;
    throw new SettingsError(
      `The goal "${goal}" has the check "${nameOf(check)}", and it cannot be run: ${reason}. ` +
        "Install bubblewrap or start Docker, use file_exists or file_contains instead, or remove the check.",
    );
  }
}

/** Throws SettingsError for the first goal with a pattern that is no regular expression. */
export function refuseBrokenPatterns(goals: readonly Goal[]): void {
  for (const { goal, checks } of goals) {
    for (const check of checks) {
      const pattern = patternOf(check);
      if (pattern === undefined || flagsOf(pattern) !== null) continue;
      throw new SettingsError(
        `The goal "${goal}" has a ${Object.keys(check)[0]} check whose pattern ${JSON.stringify(pattern)} ` +
          "is no regular expression. Correct it in the settings file.",
      );
    }
  }
}

function patternOf(check: GoalCheck): string | undefined {
  if ("file_contains" in check) return check.file_contains.pattern;
  return "run" in check && typeof check.run !== "string" ? check.run.output : undefined;
}

function nameOf(check: GoalCheck): string {
  if ("file_exists" in check) return `file_exists ${check.file_exists}`;
  if ("file_contains" in check) return `file_contains ${check.file_contains.file} /${check.file_contains.pattern}/`;
  return `run ${typeof check.run === "string" ? check.run : check.run.command}`;
}

async function carryOut(workspace: Workspace, check: GoalCheck, runShell: RunShell): Promise<CheckResult> {
  if ("file_exists" in check) return fileExists(workspace, check.file_exists);
  if ("file_contains" in check) return fileContains(workspace, check.file_contains.file, check.file_contains.pattern);
  return runCheck(typeof check.run === "string" ? { command: check.run } : check.run, runShell);
}

async function fileExists(workspace: Workspace, file: string): Promise<CheckResult> {
  const entry = await workspace.stat(file);
  if (entry === null) return { ok: false, found: "not found" };
  if (entry.kind === "folder") return { ok: false, found: "is a folder, not a file" };
  return { ok: true, found: `found (${entry.size} bytes)` };
}

async function fileContains(workspace: Workspace, file: string, pattern: string): Promise<CheckResult> {
  let bytes: Buffer;
  try {
    bytes = await workspace.read(file, searchedBytes);
  } catch (error) {
    if (error instanceof WorkspaceError && error.kind === "not-found") return { ok: false, found: "file not found" };
    throw error;
  }
  const { text } = await decodeText(bytes);
  const outcome = await searchPattern(text, pattern);
  switch (outcome) {
    case "found":
      return { ok: true, found: "found" };
    case "not-found":
      return { ok: false, found: `the pattern was not found in the file (${text.length} characters)` };
    case "no-pattern":
      return { ok: false, found: "the pattern is no regular expression" };
    case "too-slow":
      return { ok: false, found: "the pattern takes too long on this file; write it so that it backtracks less" };
  }
}
