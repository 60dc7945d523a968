import { commandLine } from "../base/process/command-line.js";
import type { Review } from "../commands/command.js";
import type { PreparedCommand } from "../commands/prepare.js";
import { RunError } from "../errors.js";
import type { ApprovalRule } from "../history/approval-rule.js";
import type { CommandCall } from "../history/event-parts.js";
import { decide } from "./approval-rules.js";

/** Run it, or a text for the model instead: what the user said, or why it is refused. Stopping is thrown as RunError. */
export type Verdict = { kind: "run" } | { kind: "feedback"; text: string } | { kind: "refused"; text: string };
export type Approve = (command: PreparedCommand, review: Review, step: number) => Promise<Verdict>;

/** What a person is asked about: a command as it will run, and what it would do to the world. */
export type Question = {
  command: CommandCall;
  effect: string;
  /** It would run code that nothing confines. */
  unconfined: boolean;
  step: number;
};

/** What the user typed, understood: `count` is how many commands may run, this one included. */
export type Permission = { kind: "run"; count: number } | { kind: "feedback"; text: string } | { kind: "stop" };

export type ApprovalOptions = {
  /** Nobody is asked. */
  continuous: boolean;
  rules: readonly ApprovalRule[];
  /** In continuous mode, code may run although nothing confines it. */
  allowUnconfined: boolean;
  ask(command: PreparedCommand, review: Review, step: number): Promise<Permission>;
};

/**
 * Follows the user's rules, and asks about the rest, except for commands that an earlier `y -N` allowed: exactly N
 * commands start. Code that nothing confines takes a yes of its own. In doubt, no.
 */
export function createApprove({ continuous, rules, allowUnconfined, ask }: ApprovalOptions): Approve {
  let left = 0;
  const run = (): Verdict => {
    left = Math.max(0, left - 1);
    return { kind: "run" };
  };
  return async (command, review, step) => {
    if (review.refusal !== undefined) return { kind: "refused", text: review.refusal };
    const decision = decide(rules, command.call.name, review);
    if (decision === "never") return { kind: "refused", text: refusals.never };
    if (continuous && review.unconfined && !allowUnconfined) return { kind: "refused", text: refusals.unconfined };
    if (continuous) return decision === "ask" ? { kind: "refused", text: refusals.nobody } : run();
    if (!review.unconfined && (decision === "always" || left > 0)) return run();
    const answer = await ask(command, review, step);
    switch (answer.kind) {
      case "run":
        left = Math.max(left, answer.count);
        return run();
      case "feedback":
        return answer;
      case "stop":
        throw new RunError("user-stopped", `Stopped by the user. ${commandLine("--resume")} goes on from here.`);
    }
  };
}

const again = "Do not try it again, and do not try to reach the same in another way.";
const refusals = {
  never: `Error: the user's rules do not allow this. ${again}`,
  nobody: `Error: this needs the user's own yes, and in continuous mode nobody is asked. ${again}`,
  unconfined: `Error: this would run code on the user's machine with nothing to confine it, and in continuous mode nobody is asked. ${again}`,
};
