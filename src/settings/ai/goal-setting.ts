import * as z from "zod";

const needed = z.string("must be some text").trim().min(1, "must not be empty");
const amount = (pattern: RegExp, expected: string) =>
  z.string(`must be ${expected}`).regex(pattern, `must be ${expected}`).transform(Number);

const pattern = needed.superRefine((source, context) => {
  const problem = problemOf(source);
  if (problem !== null) context.addIssue({ code: "custom", message: `is no regular expression: ${problem}` });
});

const runForms = "must be a command, or command with exit_code, output and timeout, all optional but the first";
const runCheck = z.strictObject(
  {
    command: needed,
    exit_code: amount(/^\d{1,3}$/, "a whole number from 0 to 255").exactOptional(),
    output: needed.exactOptional(),
    timeout: amount(/^\d+(\.\d+)?$/, "a number of seconds").exactOptional(),
  },
  runForms,
);

/** What a goal has to show before it counts as proven: the name of a check → its value, each scalar as its text. */
export const checkTypes = {
  file_exists: needed,
  file_contains: z.strictObject({ file: needed, pattern }, "must be file and pattern"),
  run: z.union([needed, runCheck], runForms),
};

export type RunCheckSetting = z.infer<typeof runCheck>;
export type CheckSetting =
  { file_exists: string } | { file_contains: { file: string; pattern: string } } | { run: string | RunCheckSetting };
export type GoalSetting = { goal: string; checks: CheckSetting[] };

/** Why a pattern does not compile: strict Unicode rules first, then the older ones, which take more. */
function problemOf(source: string): string | null {
  try {
    new RegExp(source, "mu");
    return null;
  } catch {
    return problemWithoutUnicode(source);
  }
}

function problemWithoutUnicode(source: string): string | null {
  try {
    new RegExp(source, "m");
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
