import type { ApprovalRule } from "../../history/approval-rule.js";
import type { GoalSetting } from "./goal-setting.js";

/** An AI's name, role and goals. `apiBudget`: US dollars for the whole run; undefined is no limit. */
export type AiSettings = {
  aiName: string;
  aiRole: string;
  goals: GoalSetting[];
  apiBudget: number | undefined;
  /** The rules for single commands, in the order in which they are written. */
  approve?: ApprovalRule[];
};
