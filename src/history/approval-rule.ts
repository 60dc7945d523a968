import * as z from "zod";

/** What a rule may say of a command: run it unasked, ask, or refuse it. */
export const decisions = ["always", "ask", "never"] as const;
export type Decision = (typeof decisions)[number];

/**
 * One line of the user's rules: for a command (`*`: any), and where a pattern is given, for calls whose path, command
 * line or first argument fits it. `*` stands for any text, `?` for one character, `[*]` and `[?]` for these signs.
 */
export const approvalRule = z
  .object({
    command: z.string().describe("The command's name; * is every command"),
    pattern: z
      .string()
      .nullable()
      .describe(
        "The rule holds for calls whose path, command line or first argument fits this (* any text, ? one character, [*] and [?] these signs themselves); null: for every call",
      ),
    decision: z.enum(decisions).describe("Run it unasked, ask, or refuse it"),
    repeatable: z
      .literal(true)
      .exactOptional()
      .describe("A call that was cut short may be run again when the run goes on, though nobody knows what came of it"),
  })
  .meta({ id: "approvalRule", title: "Rule of approval", description: "One line of the user's rules for commands" });
export type ApprovalRule = z.infer<typeof approvalRule>;
