import { createApprove, type Approve } from "../../agent/approve.js";
import type { Proposal, Permission, Question } from "../../agent/question.js";
import type { Command } from "../../commands/command.js";
import { prepareCommand, type PreparedCommand } from "../../commands/prepare.js";
import type { ApprovalRule } from "../../history/approval-rule.js";
import type { Emit } from "../../history/emit.js";
import type { Taint } from "../../taint/taint.js";
import type { Settings } from "../../settings/schema.js";

export type ApprovalRequest = {
  settings: Settings;
  continuous: boolean;
  /** Somebody can be asked in continuous mode, too. */
  answerable?: boolean | undefined;
  approve: readonly ApprovalRule[];
  /** Asks the person about a command. */
  ask(question: Question): Promise<Permission>;
  /** Keeps rules that the person has added where later runs find them; they hold in this one in any case. */
  keepRules?: ((rules: readonly ApprovalRule[]) => Promise<void>) | undefined;
};

/** Who decides whether a command may run; that a person is asked, and adds a rule, stands in the journal first. */
export function createRunApproval(
  { settings, continuous, answerable, approve: rules, ask, keepRules }: ApprovalRequest,
  commands: ReadonlyMap<string, Command>,
  emit: Emit,
  taint: Taint,
): Approve {
  let asked: PreparedCommand | null = null;
  return createApprove({
    continuous,
    taint,
    ...(answerable && { answerable }),
    onStopped: (stopped) => emit({ type: "effect-stopped", ...stopped }),
    rules,
    allowUnconfined: settings.allowUnsandboxedShell,
    prepare: (call) => prepareCommand(commands, call),
    async ask(proposal, proposed, step, problem) {
      const { command, review, preview } = proposal;
      const effect = effectOf(proposal);
      // The same question, put again, is no new fact, unless it is about something else by now.
      if (asked !== command || problem === null)
        await emit({ type: "command-asked", step, command: command.call, effect });
      asked = command;
      const unconfined = review.unconfined ?? false;
      return ask({ command: command.call, effect, unconfined, step, preview, rules: proposed, problem });
    },
    async keep(added, step) {
      for (const rule of added) await emit({ type: "rule-added", step, rule });
      await keepRules?.(added);
    },
  });
}

const effectOf = ({ effect, review: { unconfined } }: Proposal): string =>
  unconfined ? `${effect} on this machine, and nothing confines it` : effect;
