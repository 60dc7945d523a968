import { createApprove, usualOnApproval, type Approve } from "../../agent/approve.js";
import { effectOf, type Permission, type Proposal, type Question } from "../../agent/question.js";
import { commandLine } from "../../base/process/command-line.js";
import type { Mask } from "../../base/mask.js";
import type { Command } from "../../commands/command.js";
import { prepareCommand, type PreparedCommand } from "../../commands/prepare.js";
import { RunError } from "../../errors.js";
import type { ApprovalRule } from "../../history/approval-rule.js";
import type { Emit } from "../../history/emit.js";
import type { OnApproval } from "../../history/events/beginnings.js";
import { questionOf } from "../../history/questions/digest.js";
import type { Answers } from "../../history/questions/answers-file.js";
import type { Messages } from "../../history/questions/messages.js";
import type { RecordedRun } from "../../history/read-run.js";
import type { Taint } from "../../taint/taint.js";
import type { Settings } from "../../settings/schema.js";
import { askEither, recordedAnswer } from "./answers.js";

export type ApprovalRequest = {
  settings: Settings;
  run: string;
  continuous: boolean;
  /** What becomes of a command that takes the user's own yes; unless told, it is refused in continuous mode, else they are asked. */
  onApproval?: OnApproval | undefined;
  /** Somebody can be asked in continuous mode, too. */
  answerable?: boolean | undefined;
  approve: readonly ApprovalRule[];
  /** What the journal says of the run's earlier part. */
  recorded: RecordedRun | null;
  /**
   * Asks the person about a command; `park`: there is nobody now, so the run ends until there is an answer. Once the signal is
   * aborted, another process has answered.
   */
  ask(question: Question, signal: AbortSignal): Promise<Permission | { kind: "park" }>;
  /** What was said to the run while nobody worked on it answers the question that it had stopped before. */
  toldAnswers?: boolean | undefined;
  /** Keeps rules that the person has added where later runs find them; they hold in this one in any case. */
  keepRules?: ((rules: readonly ApprovalRule[]) => Promise<void>) | undefined;
};

export type ApprovalParts = {
  commands: ReadonlyMap<string, Command>;
  emit: Emit;
  mask: Mask;
  messages: Messages;
  answers: Answers;
  taint: Taint;
};

/** Who decides whether a command may run; that a person is asked, and adds a rule, stands in the journal first. */
export function createRunApproval(request: ApprovalRequest, parts: ApprovalParts): Approve {
  const { settings, continuous, approve: rules, recorded, ask, keepRules } = request;
  const { commands, emit, mask } = parts;
  const { onApproval = usualOnApproval(continuous) } = request;
  const onStopped = request.onApproval ?? (request.answerable ? "ask" : onApproval);
  const answer = recordedAnswer(recorded?.parked ?? null);
  let asked: { command: PreparedCommand; question: string } | null = null;
  return createApprove({
    continuous,
    onApproval,
    onStopped,
    taint: parts.taint,
    tellStopped: (stopped) => emit({ type: "effect-stopped", ...stopped }),
    rules,
    allowed: recorded?.allowed ?? 0,
    allowUnconfined: settings.allowUnsandboxedShell,
    prepare: (call) => prepareCommand(commands, call),
    isAnswered: answer.isFor,
    async ask(proposal, proposed, step, problem) {
      const { command, review, preview } = proposal;
      const effect = effectOf(proposal);
      const shown = mask({ command: command.call, effect, preview });
      const question = questionOf(shown);
      const given = answer.isFor(step) ? answer.take(question) : null;
      if (given !== null) return given;
      if (onApproval !== "ask" && onStopped !== "ask")
        return park(request.run, { ...proposal, remark: problem }, step, parts);
      const unconfined = review.unconfined ?? false;
      await parts.answers.forget();
      // The same question, put again, is no new fact, unless it is about something else by now.
      if (asked?.command !== command || asked.question !== question || problem === null) {
        const facts = { ...shown, question, ...(unconfined && { unconfined }), ...remarked(problem) };
        await emit({ type: "command-asked", step, ...facts });
      }
      asked = { command, question };
      const told = problem === null && isStoppedBefore(request, step) ? await parts.messages.unheard() : null;
      if (told !== null) return { kind: "feedback", text: told.text, told: told.ids };
      const about = { command: command.call, effect, unconfined, step, preview, rules: proposed, problem };
      const either = { ask: (signal: AbortSignal) => ask(about, signal), answers: parts.answers, emit };
      const said = await askEither({ step, question }, either);
      return said.kind === "park" ? park(request.run, { ...proposal, remark: problem }, step, parts) : said;
    },
    async keep(added, step) {
      for (const rule of added) await emit({ type: "rule-added", step, rule });
      await keepRules?.(added);
    },
  });
}

/** Whether what is said to a run answers the question of this step: its reply was there when the run ended. */
const isStoppedBefore = ({ toldAnswers, recorded }: ApprovalRequest, step: number): boolean =>
  toldAnswers === true && recorded?.open?.step === step && recorded.open.started === null;

const remarked = (remark: string | null): { remark?: string } => (remark === null ? {} : { remark });

/**
 * Writes the question into the journal and ends the run; what the user has said to the run by now is taken for an
 * answer, as a text at the question would be.
 */
async function park(
  run: string,
  proposal: Proposal & { remark: string | null },
  step: number,
  { emit, mask, messages }: Pick<ApprovalParts, "emit" | "mask" | "messages">,
): Promise<Permission> {
  const told = await messages.unheard();
  if (told !== null) return { kind: "feedback", text: told.text, told: told.ids };
  const { command, review } = proposal;
  const asked = mask({ command: command.call, effect: effectOf(proposal), preview: proposal.preview });
  const unconfined = review.unconfined === true ? { unconfined: true } : {};
  const why = remarked(proposal.remark);
  await emit({ type: "command-parked", step, question: questionOf(asked), ...asked, ...unconfined, ...why });
  throw new RunError(
    "parked",
    `Step ${step} wants to run ${command.call.name}, which takes your yes. To see what it would do and to answer, run ` +
      `"${commandLine(`approve ${run}`)}", or "${commandLine(`deny ${run}`)}" with --reason TEXT; then ` +
      `"${commandLine(`--resume ${run}`)}" goes on.`,
  );
}
