import type * as z from "zod";
import type { Goal, WrittenCheck } from "../../history/goals.js";
import type { ProtectionRule } from "../../protection/rule.js";
import type { ApprovalRule } from "../../history/approval-rule.js";

/** An AI's name, role and goals. `apiBudget`: US dollars for the whole run; undefined is no limit. */
export type AiSettings = {
  aiName: string;
  aiRole: string;
  goals: Goal[];
  apiBudget: number | undefined;
  /** The rules for single commands, in the order in which they are written. */
  approve?: ApprovalRule[];
  /** What of the workspace is protected besides the built-in list, or is not. */
  protect?: ProtectionRule[];
  /** What must not happen beside the goals, each a check with its value. */
  mustNot?: readonly WrittenCheck[];
  /** Sentences on lines of the file that may be meant otherwise than they are read. */
  notes?: string[];
};

/** What reading a goal's check needs: its name, and the schema of its value. */
export type CheckShape = {
  readonly name: string;
  readonly value: z.ZodType;
  /** Fields of the value whose scalars have the types of YAML; all others are texts. */
  readonly typed?: readonly string[];
};

/** The keys of ai_settings.yaml. */
export const aiSettingsKeys = [
  "ai_name",
  "ai_role",
  "ai_goals",
  "must_not",
  "api_budget",
  "approve",
  "protect",
  "extensions",
  "mcpServers",
  "tools",
  "hooks",
] as const;

/** The most goals: each one is in every prompt. */
export const mostGoals = 100;
