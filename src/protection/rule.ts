import * as z from "zod";

/** What commands and their programs may do with a file: anything, read it, or nothing. */
export const accesses = ["open", "read-only", "hidden"] as const;
export type Access = (typeof accesses)[number];

/** What the user says of files by a pattern. */
export const protectionRule = z
  .object({
    pattern: z.string().describe("The files that it holds for, as in .gitignore, and all that lies below them"),
    access: z
      .enum(accesses)
      .describe(
        "What commands may do with them: anything (of what the built-in list keeps read-only), read, or nothing",
      ),
  })
  .meta({
    id: "protectionRule",
    title: "Rule of protection",
    description: "What the user says of files of the workspace",
  });
export type ProtectionRule = z.infer<typeof protectionRule>;
