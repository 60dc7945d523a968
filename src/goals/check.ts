/** How a `run` check may be written out in full. */
export type RunCheck = { command: string; exit_code?: number; output?: string; timeout?: number };

/** A check as ai_settings.yaml has it. `pattern` is a JavaScript regular expression; `run` is a shell command. */
export type GoalCheck =
  { file_exists: string } | { file_contains: { file: string; pattern: string } } | { run: string | RunCheck };

/** What is to be reached, and the checks that prove it; without checks it can only be claimed. */
export type Goal = { goal: string; checks: readonly GoalCheck[] };

/** What one check found; `found` is one line that names the check. */
export type CheckResult = { ok: boolean; found: string };
