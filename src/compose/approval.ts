import { createApprove, type Approve, type Permission, type Question } from "../agent/approve.js";
import type { ApprovalRule } from "../history/approval-rule.js";
import type { Review } from "../commands/command.js";
import type { PreparedCommand } from "../commands/prepare.js";
import type { Emit } from "../history/emit.js";
import type { Settings } from "../settings/schema.js";

type ApprovalRequest = {
  settings: Settings;
  continuous: boolean;
  approve: readonly ApprovalRule[];
  /** Asks the person about a command. */
  ask(question: Question): Promise<Permission>;
};

/** Who decides whether a command may run; that a person is asked stands in the journal first. */
export function createRunApproval({ settings, continuous, approve: rules, ask }: ApprovalRequest, emit: Emit): Approve {
  return createApprove({
    continuous,
    rules,
    allowUnconfined: settings.allowUnsandboxedShell,
    async ask(command, review, step) {
      const effect = effectOf(command, review);
      await emit({ type: "command-asked", step, command: command.call, effect });
      return ask({ command: command.call, effect, unconfined: review.unconfined ?? false, step });
    },
  });
}

const effectOf = ({ effect }: PreparedCommand, { unconfined }: Review): string =>
  unconfined ? `${effect} on this machine, and nothing confines it` : effect;
