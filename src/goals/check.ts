import type * as z from "zod";
import type { CheckEvidence } from "../history/goals.js";
import type { Workspace } from "../workspace/workspace.js";
import type { SearchOutcome } from "./search-pattern.js";

/**
 * What one check found: `found` is a line for the evidence, without the check's own name. `judgedBy`: who judged it, where
 * its passing proves nothing. `evidence` is what programs are told besides.
 */
export type CheckResult = {
  ok: boolean;
  found: string;
  judgedBy?: string;
  /** What is to be known of how it was carried out. */
  remark?: string;
  evidence?: Pick<CheckEvidence, "command" | "exitCode" | "sha256" | "excerpt">;
};

/**
 * What came of a shell command; `problem` is why it did not end by itself, or could not be started; `cutOff`: it had no network, though
 * the settings give it one.
 */
export type ShellOutcome = { exitCode: number | null; output: string; problem: string | null; cutOff?: true };

/** Runs a shell command in the sandbox, in the workspace; `seconds` replaces the usual limit of time. */
export type RunShell = (line: string, seconds: number | undefined) => Promise<ShellOutcome>;

/** What came of asking for an address: its status, and the text of the answer. Throws where there is none. */
export type RequestPage = (url: string, seconds: number) => Promise<{ status: number; text: string }>;

/** Asks the smart model a question about a text, which is data to it. Throws where it cannot be asked. */
export type AskModel = (question: string, text: string) => Promise<{ yes: boolean; quotation: string }>;

/** What comes of looking for a regular expression in a text, as `searchPattern` does. */
export type SearchText = (text: string, pattern: string) => Promise<SearchOutcome>;

/** Everything a check may use. A check that needs what is missing fails, and says so. */
export type CheckContext = {
  workspace: Workspace;
  runShell: RunShell;
  requestPage?: RequestPage | undefined;
  askModel?: AskModel | undefined;
  /** Looks for a regular expression in a text. Absent: `searchPattern`. */
  search?: SearchText | undefined;
};

/** What a check's outcome hangs on besides the files that it judges. Paths are relative to the workspace. */
export type Basis = {
  /** It judges by these: they stay as they are at the start, and what is not there then may not be there later. */
  fixed: readonly string[];
  /** What is judged by as well, where it is there at the start; more of it may come into being. */
  kept?: readonly string[];
  /** Of each of these lists one has to be there at the start, or the check can never pass. */
  needed?: readonly (readonly string[])[];
  /** Those of them that are run: where none was there at the start, the check fails. */
  started?: readonly (readonly string[])[];
  /** Code that these load in turn. Where the run makes or changes it, the work judges itself. */
  loads?: readonly string[];
  /** Why it may run more of the workspace than that; the work judges itself then. */
  open?: string | null;
  /** Who judges in any case, where it is not the program. */
  judgedBy?: string | null;
};

export type Check = {
  /** Stands in ai_settings.yaml and in the journal. */
  name: string;
  /**
   * What stands behind the name. Its messages follow the name: "must be some text". What it gives is kept in the journal
   * and read again with the same schema when the run is resumed.
   */
  value: z.ZodType;
  /** Fields of the value whose scalars have the types of YAML; all others are texts. */
  typed?: readonly string[];
  /** Stands behind the name in messages and evidence. */
  title(value: never): string;
  /** Without a sandbox for shell commands, a run whose goals have this check does not start. */
  needs?: "shell";
  /** Its outcome says nothing of an empty workspace: it is about something else. */
  elsewhere?: true;
  /** What it judges, or names otherwise, whether it is there or not. */
  files?(value: never): readonly string[];
  /** By what it judges. Nothing unless told. */
  basis?(value: never, workspace: Workspace): Promise<Basis>;
  /** Judges the workspace as it is now; a thrown error is a check that failed, with its message. */
  run(value: never, context: CheckContext): Promise<CheckResult>;
};

/** Types `title` and `run` by `value`; does nothing else. */
export const defineCheck = <Value extends z.ZodType>(
  check: Omit<Check, "value" | "title" | "files" | "basis" | "run"> & {
    value: Value;
    title(value: z.infer<Value>): string;
    files?(value: z.infer<Value>): readonly string[];
    basis?(value: z.infer<Value>, workspace: Workspace): Promise<Basis>;
    run(value: z.infer<Value>, context: CheckContext): Promise<CheckResult>;
  },
): Check => check as Check;
