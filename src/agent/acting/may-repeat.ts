import type { CommandContext } from "../../commands/command.js";
import type { PreparedCommand } from "../../commands/prepare.js";
import type { ApprovalRule } from "../../history/approval-rule.js";
import { covers, decide, isAbout } from "../approval-rules.js";

/** Whether a command that was cut short may be run again without anybody knowing what came of it. */
export type MayRepeat = (command: PreparedCommand, context: CommandContext) => Promise<boolean>;

/**
 * A command may that has no effect, or of which the user's rules say `repeatable`; never one that could not be run now: it is
 * refused, forbidden, or nothing confines it.
 */
export const createMayRepeat =
  (rules: readonly ApprovalRule[]): MayRepeat =>
  async (command, context) => {
    const review = await command.review(context);
    const effect = review.effect ?? command.effect;
    const { name } = command.call;
    if (review.refusal !== undefined || review.unconfined || decide(rules, name, review, effect) === "never")
      return false;
    if (command.repeatable) return true;
    const own = rules.filter((rule) => isAbout(rule, name, effect));
    const isSaid = (subject: string): boolean => own.find((rule) => covers(rule, subject))?.repeatable === true;
    const { subjects } = review;
    // Of a call whose subjects cannot be told, only a rule for every call can say it.
    if (!subjects) return own[0]?.pattern === null && own[0].repeatable === true;
    return subjects.length > 0 && subjects.every(isSaid);
  };
