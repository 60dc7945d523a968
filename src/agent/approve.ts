import { isDeepStrictEqual } from "node:util";
import type { CommandContext, Effect, Review } from "../commands/command.js";
import type { PreparedCommand } from "../commands/prepare.js";
import type { Preview } from "../commands/preview.js";
import { RunError } from "../errors.js";
import type { ApprovalRule } from "../history/approval-rule.js";
import type { CommandCall } from "../history/event-parts.js";
import { decide } from "./approval-rules.js";
import { proposedRules } from "./proposed-rules.js";

/** Run it, perhaps with other arguments, or a text for the model instead. Stopping is thrown as RunError. */
export type Verdict =
  { kind: "run"; command: PreparedCommand } | { kind: "feedback"; text: string } | { kind: "refused"; text: string };
export type Approve = (command: PreparedCommand, context: CommandContext) => Promise<Verdict>;

/** What a person is asked about: a command as it will run, and what it would do to the world. */
export type Question = {
  command: CommandCall;
  effect: string;
  /** It would run code that nothing confines. */
  unconfined: boolean;
  step: number;
  preview: Preview;
  /** The rules that would allow this call, and those like it, from now on; null where no rule can. */
  rules: readonly ApprovalRule[] | null;
  /** Why the answer before this one could not be used; null for a first question. */
  problem: string | null;
};

/** What the user typed, understood: `count` is how many commands may run, this one included. */
export type Permission =
  | { kind: "run"; count: number }
  | { kind: "feedback"; text: string }
  | { kind: "stop" }
  /** Run it, and whatever these rules allow from now on. */
  | { kind: "always"; rules: readonly ApprovalRule[] }
  /** Ask again about the command with these arguments. */
  | { kind: "edit"; args: Record<string, unknown> };

/** A call as the person is asked about it. */
export type Proposal = { command: PreparedCommand; review: Review; effect: Effect; preview: Preview };

export type ApprovalOptions = {
  /** Nobody is asked. */
  continuous: boolean;
  rules: readonly ApprovalRule[];
  /** In continuous mode, code may run although nothing confines it. */
  allowUnconfined: boolean;
  /** The same command with other arguments, or what is wrong with them. */
  prepare(call: CommandCall): PreparedCommand | { ok: false; text: string };
  ask(proposal: Proposal, rules: Question["rules"], step: number, problem: string | null): Promise<Permission>;
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
  let left = 0;
  const run = (command: PreparedCommand): Verdict => {
    left = Math.max(0, left - 1);
    return { kind: "run", command };
  };
  const decisionOn = ({ command, review, effect }: Omit<Proposal, "preview">) =>
    decide(rules, command.call.name, review, effect);

  /** Rules that do what the person wants of them; else why they do not. */
  const problemWith = (added: readonly ApprovalRule[], proposal: Proposal): string | null => {
    const { command, review, effect } = proposal;
    if (decide([...added, ...rules], command.call.name, review, effect) === "always") return null;
    return "This rule does not fit the command, so nothing was added.";
  };
  const askUntilDecided = async (command: PreparedCommand, context: CommandContext): Promise<Verdict> => {
    let proposal = await propose(command, context);
    let problem: string | null = null;
    for (;;) {
      const answer = await ask(proposal, proposedRules(proposal), context.step, problem);
      problem = null;
      if (answer.kind === "feedback") return answer;
      if (answer.kind === "stop")
        throw new RunError("user-stopped", "Stopped by the user. autogpt --resume goes on from here.");
      if (answer.kind === "edit") {
        const edited = await edit(proposal, answer.args, context);
        if (typeof edited === "string") problem = edited;
        else proposal = edited;
        continue;
      }
      // A yes is to what was seen: in the meantime a file may have become another one.
      const now = await propose(proposal.command, context);
      if (!isDeepStrictEqual(now.preview, proposal.preview)) {
        [proposal, problem] = [now, "What it would do has changed since you were asked."];
        continue;
      }
      if (answer.kind === "always") {
        problem = problemWith(answer.rules, proposal);
        if (problem !== null) continue;
        rules = [...answer.rules, ...rules];
        await keep(answer.rules, context.step);
      } else left = Math.max(left, answer.count);
      return run(proposal.command);
    }
  };
  const edit = async (before: Proposal, args: Record<string, unknown>, context: CommandContext) => {
    const prepared = prepare({ name: before.command.call.name, args });
    if (!prepared.ok) return withoutMark(prepared.text);
    const proposal = await propose(prepared, context);
    if (proposal.review.refusal !== undefined) return withoutMark(proposal.review.refusal);
    return decisionOn(proposal) === "never" ? "Your rules do not allow it with these arguments." : proposal;
  };

  return async (command, context) => {
    const review = await command.review(context);
    if (review.refusal !== undefined) return { kind: "refused", text: review.refusal };
    const decision = decisionOn({ command, review, effect: review.effect ?? command.effect });
    if (decision === "never") return { kind: "refused", text: refusals.never };
    if (continuous && review.unconfined && !allowUnconfined) return { kind: "refused", text: refusals.unconfined };
    if (continuous) return decision === "ask" ? { kind: "refused", text: refusals.nobody } : run(command);
    if (!review.unconfined && (decision === "always" || left > 0)) return run(command);
    return askUntilDecided(command, context);
  };
}

async function propose(command: PreparedCommand, context: CommandContext): Promise<Proposal> {
  const review = await command.review(context);
  return { command, review, effect: review.effect ?? command.effect, preview: await command.preview(context) };
}

const withoutMark = (text: string): string => text.replace(/^Error: /, "");

const again = "Do not try it again, and do not try to reach the same in another way.";
const refusals = {
  never: `Error: the user's rules do not allow this. ${again}`,
  nobody: `Error: this needs the user's own yes, and in continuous mode nobody is asked. ${again}`,
  unconfined: `Error: this would run code on the user's machine with nothing to confine it, and in continuous mode nobody is asked. ${again}`,
};
