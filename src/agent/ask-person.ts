import { commandLine } from "../base/process/command-line.js";
import { isDeepStrictEqual } from "node:util";
import type { CommandContext, Effect } from "../commands/command.js";
import type { PreparedCommand } from "../commands/prepare.js";
import { RunError } from "../errors.js";
import type { ApprovalRule, Decision } from "../history/approval-rule.js";
import type { CommandCall } from "../history/event-parts.js";
import { proposedRules } from "./proposed-rules.js";
import type { Permission, Proposal, Question } from "./question.js";

/** What a person decided about a command, which may have other arguments by now. */
export type Decided =
  | { kind: "run"; command: PreparedCommand; effect: Effect; count: number }
  | { kind: "always"; command: PreparedCommand; effect: Effect; rules: readonly ApprovalRule[] }
  | { kind: "feedback"; text: string; told?: readonly string[] }
  | { kind: "deny"; text: string };

export type AskPersonOptions = {
  /** The same command with other arguments, or what is wrong with them. */
  prepare(call: CommandCall): PreparedCommand | { ok: false; text: string };
  ask(proposal: Proposal, rules: Question["rules"], step: number, problem: string | null): Promise<Permission>;
  /** What the user's rules would say of a call, with these before them. */
  decisionOn(proposal: Omit<Proposal, "preview">, added: readonly ApprovalRule[]): Decision | null;
};

/** Asks about a command until it is decided, at first with a remark. Throws RunError where the person stops the run. */
export async function askPerson(
  options: AskPersonOptions,
  command: PreparedCommand,
  context: CommandContext,
  remark: string | null = null,
): Promise<Decided> {
  const { ask, decisionOn } = options;
  let proposal = await propose(command, context);
  let problem = remark;
  for (;;) {
    const answer = await ask(proposal, proposedRules(proposal), context.step, problem);
    problem = null;
    if (answer.kind === "feedback" || answer.kind === "deny") return answer;
    if (answer.kind === "stop")
      throw new RunError("user-stopped", `Stopped by the user. ${commandLine("--resume")} goes on from here.`);
    if (answer.kind === "edit") {
      const edited = await edit(options, proposal, answer.args, context);
      if (typeof edited === "string") problem = edited;
      else proposal = edited;
      continue;
    }
    // A yes is to what was seen: in the meantime a file may have become another one.
    const now = await propose(proposal.command, context);
    if (!isDeepStrictEqual(now.preview, proposal.preview)) {
      [proposal, problem] = [now, "What it would do has changed since you were asked."];
    } else if (answer.kind === "run") {
      return { ...answer, command: now.command, effect: now.effect };
    } else if (decisionOn(proposal, answer.rules) === "always") {
      return { ...answer, command: now.command, effect: now.effect };
    } else problem = "This rule does not fit the command, so nothing was added.";
  }
}

/** The call with other arguments, as it would be asked about; else why it cannot be run like that. */
async function edit(
  { prepare, decisionOn }: AskPersonOptions,
  before: Proposal,
  args: Record<string, unknown>,
  context: CommandContext,
): Promise<Proposal | string> {
  const proposal = await proposalFor(prepare, { name: before.command.call.name, args }, context);
  if (typeof proposal === "string") return proposal;
  return decisionOn(proposal, []) === "never" ? "Your rules do not allow it with these arguments." : proposal;
}

/** What a call would do, as it would be asked about now; a text says why it cannot be run. */
export async function proposalFor(
  prepare: AskPersonOptions["prepare"],
  call: CommandCall,
  context: CommandContext,
): Promise<Proposal | string> {
  const prepared = prepare(call);
  if (!prepared.ok) return withoutMark(prepared.text);
  const proposal = await propose(prepared, context);
  return proposal.review.refusal === undefined ? proposal : withoutMark(proposal.review.refusal);
}

/** A command with what it would do, as it would be asked about now. */
async function propose(command: PreparedCommand, context: CommandContext): Promise<Proposal> {
  const review = await command.review(context);
  return { command, review, effect: review.effect ?? command.effect, preview: await command.preview(context) };
}

const withoutMark = (text: string): string => text.replace(/^Error: /, "");
