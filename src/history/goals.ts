import * as z from "zod";
import { list, name, text, yesNo } from "./event-parts.js";

/** A goal's check as ai_settings.yaml and the journal have it: its name, and what stands behind it. */
export const writtenCheck = z.record(z.string(), z.unknown());
export type WrittenCheck = Readonly<z.infer<typeof writtenCheck>>;

/** What is to be reached, and the checks that prove it; without checks it can only be claimed. */
export const goal = z.object({
  goal: text("What is to be reached"),
  checks: list(writtenCheck.readonly(), "The checks that prove it, each one name with its value"),
  protects: list(
    z.string(),
    "Patterns for files that its checks judge by: they are fixed at the start",
  ).exactOptional(),
});
export type Goal = z.infer<typeof goal>;

/** A goal as it stands in ai_settings.yaml: a plain text, or with its checks. */
export const goalEntry = z
  .union([z.string(), goal])
  .meta({ id: "goal", title: "Goal", description: "A goal as in ai_settings.yaml: a text, or with its checks" });
export type GoalEntry = z.infer<typeof goalEntry>;

/** A goal of the journal or of ai_settings.yaml, with its checks. */
export const goalOf = (entry: GoalEntry): Goal => (typeof entry === "string" ? { goal: entry, checks: [] } : entry);

/** A goal as the journal has it. */
export const goalEntryOf = (one: Goal): GoalEntry =>
  one.checks.length === 0 && one.protects === undefined ? one.goal : one;

/** What a check found before the first step. */
export const checkedAtStart = z
  .object({
    check: text("The check's name with its value, as evidence names it"),
    passed: yesNo("Whether it passed already"),
    found: text("What it found"),
    empty: yesNo("Whether it passes in a folder that holds only what the checks judge by").exactOptional(),
  })
  .meta({ id: "checkedAtStart", title: "Check at the start", description: "What a check found before the first step" });
export type CheckedAtStart = z.infer<typeof checkedAtStart>;

/** A file or folder of the workspace that a check names or judges by, as it was before the first step. */
export const fileAtStart = z
  .object({
    file: text("Its path in the workspace; of what is under protects, the pattern"),
    print: text("A hash of what was in it"),
    fixed: z.literal(true).exactOptional().describe("A check judges by it: it has to stay as it was"),
    byRun: z
      .literal(true)
      .exactOptional()
      .describe("It was fixed when the run had begun, and the run may have made or changed it before"),
  })
  .meta({ id: "fileAtStart", title: "File at the start", description: "A file that a check names, or judges by" });
export type FileAtStart = z.infer<typeof fileAtStart>;

/** What one check found at an end of the run, for programs that read it. */
export const checkEvidence = z
  .object({
    check: text("The check's name with its value"),
    passed: yesNo("Whether it passes"),
    found: text("What it found"),
    remarks: list(
      z.string(),
      "What it cannot say itself, such as: passes before any work; ran without network",
    ).exactOptional(),
    judgedBy: text("Who judged it, where its passing proves nothing: the work itself, or a model").exactOptional(),
    command: text("The shell command that it ran").exactOptional(),
    exitCode: z.int().nullable().exactOptional().describe("The command's exit code; null where it has none"),
    sha256: text("A hash of what the command wrote, or of the file or page that was judged").exactOptional(),
    excerpt: text("The end of what the command wrote, or a passage of what was judged").exactOptional(),
  })
  .meta({ id: "checkEvidence", title: "Evidence of a check", description: "What one check found" });
export type CheckEvidence = z.infer<typeof checkEvidence>;

/** What one check found, with who judged and what is to be remarked, as people and the model read it. */
export function evidenceInWords({ check, found, judgedBy, remarks = [] }: CheckEvidence): string {
  const notes = [...(judgedBy === undefined ? [] : [`judged by ${judgedBy}`]), ...remarks];
  return `${check}: ${found}${notes.length === 0 ? "" : ` [${notes.join("; ")}]`}`;
}

/**
 * `proven`: all checks pass; `judged`: they do, and one of them by the word of a model or of the work itself; `failed`: one
 * does not; without checks `claimed` after task_complete, else `open`.
 */
export const goalVerdict = z
  .object({
    goal: text("The goal's text; of a guard, what must not happen"),
    verdict: name(
      ["proven", "judged", "claimed", "failed", "open"],
      "proven: all its checks pass; judged: they do, one of them by the word of a model or of the work itself; failed: " +
        "one does not; without checks claimed after task_complete, else open",
    ),
    evidence: z.string().nullable().describe("Each check and what it found; null for a goal without checks"),
    checks: list(checkEvidence, "The same, check by check, for programs that read it").exactOptional(),
    guard: z.literal(true).exactOptional().describe("It is no goal, but something under must_not"),
  })
  .meta({ id: "verdict", title: "Verdict", description: "What the program found out about a goal at the end" });
export type GoalVerdict = z.infer<typeof goalVerdict>;

/** The evidence of a verdict, a line for each check; all of it in one where a journal does not have the checks. */
export const evidenceLines = ({ evidence, checks }: Pick<GoalVerdict, "evidence" | "checks">): string[] =>
  checks === undefined || checks.length === 0 ? (evidence === null ? [] : [evidence]) : checks.map(evidenceInWords);
