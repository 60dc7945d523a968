/** What a rule may say of a command: run it unasked, ask, or refuse it. */
export const decisions = ["always", "ask", "never"] as const;
export type Decision = (typeof decisions)[number];

/** A rule for a command, or for those of its calls that fit a pattern with `*` and `?`. */
export type ApprovalSetting = { command: string; pattern: string | null; decision: Decision };
