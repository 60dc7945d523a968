import type { CheckResult, RunCheck } from "./check.js";
import { searchPattern } from "./search-pattern.js";

/** What came of a shell command; `problem` is why it did not end by itself, or could not be started. */
export type ShellOutcome = { exitCode: number | null; output: string; problem: string | null };

/** Runs a shell command in the sandbox, in the workspace; `seconds` replaces the usual limit of time. */
export type RunShell = (line: string, seconds: number | undefined) => Promise<ShellOutcome>;

const shownCharacters = 300;

/** Passes where the command ends with the expected exit code (0 unless told) and its output has the pattern. */
export async function runCheck(check: RunCheck, runShell: RunShell): Promise<CheckResult> {
  const { command, exit_code: expected = 0, output: pattern, timeout } = check;
  const { exitCode, output, problem } = await runShell(command, timeout);
  const shown = output.trim() === "" ? "" : `; its output: ${JSON.stringify(ending(output.trim()))}`;
  if (problem !== null) return { ok: false, found: `${problem}${shown}` };
  if (exitCode !== expected) return { ok: false, found: `exit code ${exitCode}, expected ${expected}${shown}` };
  if (pattern === undefined) return { ok: true, found: `exit code ${exitCode}` };
  const outcome = await searchPattern(output, pattern);
  if (outcome === "found") return { ok: true, found: `exit code ${exitCode}, and /${pattern}/ is in its output` };
  const why = outcome === "too-slow" ? "takes too long on" : "is not in";
  return { ok: false, found: `/${pattern}/ ${why} its output${shown}` };
}

/** What went wrong usually stands at the end. */
const ending = (text: string): string => (text.length > shownCharacters ? `…${text.slice(-shownCharacters)}` : text);
