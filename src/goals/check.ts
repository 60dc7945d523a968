import type * as z from "zod";
import type { Workspace } from "../workspace/workspace.js";

/** What one check found: `found` is a line for the evidence, without the check's own name. */
export type CheckResult = { ok: boolean; found: string };

/** What came of a shell command; `problem` is why it did not end by itself, or could not be started. */
export type ShellOutcome = { exitCode: number | null; output: string; problem: string | null };

/** Runs a shell command in the sandbox, in the workspace; `seconds` replaces the usual limit of time. */
export type RunShell = (line: string, seconds: number | undefined) => Promise<ShellOutcome>;

/** Everything a check may use. */
export type CheckContext = { workspace: Workspace; runShell: RunShell };

export type Check = {
  /** Stands in ai_settings.yaml and in the journal. */
  name: string;
  /**
   * What stands behind the name. Its messages follow the name: "must be some text". What it gives is kept in the journal
   * and read again with the same schema when the run is resumed.
   */
  value: z.ZodType;
  /** Stands behind the name in messages and evidence. */
  title(value: never): string;
  /** Without a sandbox for shell commands, a run whose goals have this check does not start. */
  needs?: "shell";
  /** Files and folders of the workspace besides those it judges that its outcome may hang on, whether they are there or not. */
  files?(value: never): readonly string[];
  /** Judges the workspace as it is now; a thrown error is a check that failed, with its message. */
  run(value: never, context: CheckContext): Promise<CheckResult>;
};

/** Types `title` and `run` by `value`; does nothing else. */
export const defineCheck = <Value extends z.ZodType>(
  check: Omit<Check, "value" | "title" | "files" | "run"> & {
    value: Value;
    title(value: z.infer<Value>): string;
    files?(value: z.infer<Value>): readonly string[];
    run(value: z.infer<Value>, context: CheckContext): Promise<CheckResult>;
  },
): Check => check as Check;
