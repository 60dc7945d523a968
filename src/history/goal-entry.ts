import type { Goal, GoalEntry } from "./event-parts.js";

/** A goal of the journal or of ai_settings.yaml, with its checks. */
export const goalOf = (entry: GoalEntry): Goal => (typeof entry === "string" ? { goal: entry, checks: [] } : entry);

/** A goal as the journal has it. */
export const goalEntryOf = (goal: Goal): GoalEntry => (goal.checks.length === 0 ? goal.goal : goal);
