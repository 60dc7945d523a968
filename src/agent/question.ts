import type { PreparedCommand } from "../commands/prepare.js";
import type { Review, Effect } from "../commands/command.js";
import type { Preview } from "../history/events/preview.js";
import type { ApprovalRule } from "../history/approval-rule.js";
import type { CommandCall } from "../history/event-parts.js";

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
  /** Why the answer before this one could not be used, or why this is asked at all; null for a usual first question. */
  problem: string | null;
};

/** What the user typed, understood: `count` is how many commands may run, this one included. */
export type Permission =
  | { kind: "run"; count: number }
  /** `told`: the ids of what was said from outside. */
  | { kind: "feedback"; text: string; told?: readonly string[] }
  /** The command does not run, and the model is told why. */
  | { kind: "deny"; text: string }
  | { kind: "stop" }
  /** Run it, and whatever these rules allow from now on. */
  | { kind: "always"; rules: readonly ApprovalRule[] }
  /** Ask again about the command with these arguments. */
  | { kind: "edit"; args: Record<string, unknown> };

/** What a call does to the world, as the person is told. */
export const effectOf = ({ effect, review: { unconfined } }: Pick<Proposal, "effect" | "review">): string =>
  unconfined ? `${effect} on this machine, and nothing confines it` : effect;

/** A call as the person is asked about it. */
export type Proposal = { command: PreparedCommand; review: Review; effect: Effect; preview: Preview };
