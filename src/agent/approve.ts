import type { CommandContext } from "../commands/command.js";
import type { PreparedCommand } from "../commands/prepare.js";
import type { ApprovalRule } from "../history/approval-rule.js";
import { decide } from "./approval-rules.js";
import { askPerson, type AskPersonOptions } from "./ask-person.js";

/** Run it, perhaps with other arguments, or a text for the model instead. Stopping is thrown as RunError. */
export type Verdict =
  | {
      kind: "run";
      command: PreparedCommand;
      /** How many more commands may start without a question. */ allowed: number;
    }
  | { kind: "feedback"; text: string }
  | { kind: "refused"; text: string };
export type Approve = (command: PreparedCommand, context: CommandContext) => Promise<Verdict>;

export type ApprovalOptions = Pick<AskPersonOptions, "prepare" | "ask"> & {
  /** Nobody is asked. */
  continuous: boolean;
  rules: readonly ApprovalRule[];
  /** In continuous mode, code may run although nothing confines it. */
  allowUnconfined: boolean;
  /** How many commands may start without a question, as the person said in an earlier part of the run. */
  allowed?: number;
  /** Keeps rules that the person has added, beyond this run where that can be. */
  keep(rules: readonly ApprovalRule[], step: number): Promise<void>;
};

/**
 * Follows the user's rules, and asks about the rest, except for commands that an earlier `y -N` allowed: exactly N
 * commands start. Code that nothing confines takes a yes of its own. In doubt, no.
 */
export function createApprove(options: ApprovalOptions): Approve {
  const { continuous, allowUnconfined, prepare, ask, keep } = options;
  let { rules } = options;
  let left = options.allowed ?? 0;
  const run = (command: PreparedCommand): Verdict => {
    left = Math.max(0, left - 1);
    return { kind: "run", command, allowed: left };
  };
  const decisionOn: AskPersonOptions["decisionOn"] = ({ command, review, effect }, added) =>
    decide([...added, ...rules], command.call.name, review, effect);

  return async (command, context) => {
    const review = await command.review(context);
    if (review.refusal !== undefined) return { kind: "refused", text: review.refusal };
    const decision = decisionOn({ command, review, effect: review.effect ?? command.effect }, []);
    if (decision === "never") return { kind: "refused", text: refusals.never };
    if (continuous && review.unconfined && !allowUnconfined) return { kind: "refused", text: refusals.unconfined };
    if (continuous) return decision === "ask" ? { kind: "refused", text: refusals.nobody } : run(command);
    if (!review.unconfined && (decision === "always" || left > 0)) return run(command);
    const decided = await askPerson({ prepare, ask, decisionOn }, command, context);
    if (decided.kind === "feedback") return decided;
    if (decided.kind === "run") left = Math.max(left, decided.count);
    else {
      rules = [...decided.rules, ...rules];
      await keep(decided.rules, context.step);
    }
    return run(decided.command);
  };
}

const again = "Do not try it again, and do not try to reach the same in another way.";
const refusals = {
  never: `Error: the user's rules do not allow this. ${again}`,
  nobody: `Error: this needs the user's own yes, and in continuous mode nobody is asked. ${again}`,
  unconfined: `Error: this would run code on the user's machine with nothing to confine it, and in continuous mode nobody is asked. ${again}`,
};
