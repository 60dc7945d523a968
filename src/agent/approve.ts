import type { CommandContext, Effect } from "../commands/command.js";
import type { PreparedCommand } from "../commands/prepare.js";
import type { ApprovalRule } from "../history/approval-rule.js";
import type { OnApproval } from "../history/events/beginnings.js";
import { decide } from "./approval-rules.js";
import { askPerson, type AskPersonOptions } from "./ask-person.js";

/** Run it, perhaps with other arguments, or a text for the model instead. Stopping is thrown as RunError. */
export type Verdict =
  /** `allowed`: how many more commands may start without a question. */
  | { kind: "run"; command: PreparedCommand; allowed: number }
  /** `told`: the ids of what was said from outside. */
  | { kind: "feedback"; text: string; told?: readonly string[] }
  | { kind: "refused"; text: string };
export type Approve = (command: PreparedCommand, context: CommandContext) => Promise<Verdict>;

export type ApprovalOptions = Pick<AskPersonOptions, "prepare" | "ask"> & {
  /** Commands run without a question, but for those that take the user's own yes. */
  continuous: boolean;
  /** What becomes of those that take the user's own yes. Parking is up to `ask`, which ends the run then. */
  onApproval?: OnApproval | undefined;
  /** Whether the user has said something to the command of this step before: `ask` knows it, whatever the mode is. */
  isAnswered?(step: number): boolean;
  rules: readonly ApprovalRule[];
  /** In continuous mode, code may run although nothing confines it. */
  allowUnconfined: boolean;
  /** How many commands may start without a question, as the person said in an earlier part of the run. */
  allowed?: number;
  /** Keeps rules that the person has added, beyond this run where that can be. */
  keep(rules: readonly ApprovalRule[], step: number): Promise<void>;
};

/** What becomes of a command that takes the user's own yes, where that was not said. */
export const usualOnApproval = (continuous: boolean): OnApproval => (continuous ? "deny" : "ask");

/** What may as well happen where nobody is asked: nothing, or that the run ends. */
const harmless: ReadonlySet<Effect> = new Set(["nothing", "ends the run"]);

/**
 * Follows the user's rules, and asks about the rest, except for commands that an earlier `y -N` allowed: exactly N
 * commands start. Code that nothing confines takes a yes of its own. In doubt, no.
 */
export function createApprove(options: ApprovalOptions): Approve {
  const { continuous, allowUnconfined, prepare, ask, keep, isAnswered = () => false } = options;
  const { onApproval = usualOnApproval(continuous) } = options;
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
    const effect = review.effect ?? command.effect;
    const decision = decisionOn({ command, review, effect }, []);
    if (decision === "never") return { kind: "refused", text: refusals.never };
    const isUnconfined = review.unconfined === true && !(continuous && allowUnconfined);
    const isAllowed = continuous ? decision !== "ask" : decision === "always" || left > 0;
    if (!isAnswered(context.step)) {
      if (isAllowed && !isUnconfined) return run(command);
      const isDenied = onApproval === "deny";
      if (isDenied && decision === null && !isUnconfined && harmless.has(effect)) return run(command);
      if (isDenied) return { kind: "refused", text: whyDenied(continuous, isUnconfined) };
    }
    const decided = await askPerson({ prepare, ask, decisionOn }, command, context);
    if (decided.kind === "feedback") return decided;
    if (decided.kind === "deny") return { kind: "refused", text: decided.text };
    if (decided.kind === "run") left = Math.max(left, decided.count);
    else {
      rules = [...decided.rules, ...rules];
      await keep(decided.rules, context.step);
    }
    return run(decided.command);
  };
}

const again = "Do not try it again, and do not try to reach the same in another way.";
const refusals = { never: `Error: the user's rules do not allow this. ${again}` };

/** What the model is told of a command that takes the user's own yes, where nobody is asked for it. */
export function whyDenied(continuous: boolean, isUnconfined: boolean): string {
  const why = isUnconfined
    ? "this would run code on the user's machine with nothing to confine it"
    : "this needs the user's own yes";
  return `Error: ${why}, and ${continuous ? "in continuous mode nobody is asked" : "nobody is asked in this run"}. ${again}`;
}

/** What the model is told of a command that the user said no to; null: without a reason. */
export const whyRefused = (reason: string | null): string =>
  `Error: the user does not allow this.${reason === null ? "" : ` The reason: ${reason}`}\n${again}`;
