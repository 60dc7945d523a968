/** What `import … from "autogpt"` gives; docs/api.md says what of it is promised. */
export { run, type RunOptions } from "./api/run.js";
export type { Ai } from "./api/ai.js";
export type { Answer, Ask } from "./api/ask.js";
export type { Question } from "./agent/question.js";
export { readRun, type RecordedRun } from "./api/read-run.js";
export { defineCommand, type ExtensionCommand as Command } from "./extensions/command.js";
export type {
  ExtensionArgs as CommandArgs,
  ExtensionEffect as Effect,
  ExtensionResult as CommandResult,
} from "./extensions/command.js";
export { defineCheck, type ExtensionCheck as Check } from "./extensions/check.js";
export type { ExtensionCheckContext as CheckContext } from "./extensions/check.js";
export type {
  ExtensionContext as CommandContext,
  ModelQuestion,
  WorkspaceFiles,
  WorkspaceReader,
} from "./extensions/context.js";
export type { CheckResult } from "./goals/check.js";
export type { GivenSettings as RunSettings } from "./settings/given.js";
export type { JournalEvent, RunEnd, Step } from "./history/events.js";
export type { Totals } from "./history/event-parts.js";
export type { GoalVerdict } from "./history/goals.js";
export { RunError, SettingsError, type StopReason } from "./errors.js";
