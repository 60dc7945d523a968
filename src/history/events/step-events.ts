import * as z from "zod";
import { approvalRule } from "../approval-rule.js";
import * as part from "../event-parts.js";
import { count, list, name, text, yesNo } from "../event-parts.js";
import { step } from "./fields.js";
import { foreseen } from "./foreseen.js";
import { preview } from "./preview.js";
import { serverQuestionEvents } from "./server-questions.js";
import { bounds } from "./taint.js";

const command = part.commandCall;
const key = text("The sub-agent's key, never used twice in a run");
const question = text(
  "The question: a SHA-256 of the command with its arguments and of what it would do, as they are shown",
);
const effect = text("What it does to the world, as the user is told");
const remark = text(
  "Why it is asked about at all, where that is not the usual reason: text of others may have led to it",
);

/** What becomes of a reply: its command, and what came of that. */
export const stepEvents = {
  "reply-parsed": z
    .object({
      step,
      command: command.nullable().describe("As the model wrote it; null where it named none"),
      problem: z.string().nullable().describe("Why the reply cannot be used, in one line; null where it can"),
      thoughts: part.thoughts,
    })
    .describe("The reply has been read"),
  "command-asked": z
    .object({
      step,
      command,
      effect,
      remark: remark.exactOptional(),
      question: question.exactOptional(),
      unconfined: yesNo("It would run code that nothing confines").exactOptional(),
      preview: preview.describe("What it would do, in facts").exactOptional(),
    })
    .describe("The user is asked about a command, and the run waits; until then another process may answer as well"),
  "command-parked": z
    .object({
      step,
      question,
      command: command.describe("As it would run"),
      effect,
      unconfined: yesNo("It would run code that nothing confines").exactOptional(),
      preview: preview.describe("What it would do, in facts"),
      remark: remark.exactOptional(),
    })
    .describe("A command takes the user's own yes, and the run ends until there is one (--on-approval park)"),
  "command-answered": z
    .object({
      step,
      question,
      answer: name(
        ["run", "deny", "feedback", "stop"],
        "run: the command may run, this once; deny: it is refused; feedback: the AI is told something instead; stop: the run ends",
      ),
      args: z
        .record(z.string(), z.unknown())
        .exactOptional()
        .describe("The arguments that the user gave it in the place of its own"),
      shown: text("With args: the question about the command with these, which the user has seen").exactOptional(),
      text: text("What the AI is told of a refusal, or instead").exactOptional(),
      by: name(["agent"], "Who said so, where it was not the user: another agent (autogpt mcp serve)").exactOptional(),
    })
    .describe(
      "A question has been answered by another process: a parked one, while no process worked on the run, or one that is asked at its terminal; the first answer counts",
    ),
  ...serverQuestionEvents,
  "rule-added": z
    .object({ step, rule: approvalRule })
    .describe("The user has added a rule: it holds from here on, before those of run-start"),
  "command-start": z
    .object({
      step,
      command: command.describe("As it will run: its own name, its arguments converted"),
      foreseen: foreseen.exactOptional(),
      allowed: count("How many more commands may start without a question (y -N), where any may").exactOptional(),
      effect: text("What it does to the world, as the user would be told").exactOptional(),
      bounds: bounds.describe("What it is held to, since text that others wrote may have led to it").exactOptional(),
    })
    .describe("Before a command runs"),
  "agent-message": z
    .object({
      step,
      key,
      role: z.enum(["user", "assistant"]).describe("user: said to the sub-agent; assistant: said by it"),
      text: text("What was said"),
      name: text("The sub-agent's name, with its first message").exactOptional(),
      task: text("Its task, with its first message").exactOptional(),
    })
    .describe("Something is said to a sub-agent, or by it"),
  "agent-deleted": z.object({ step, key }).describe("A sub-agent is deleted"),
  "step-end": z
    .object({
      step,
      command: command.nullable().describe("As it ran, or as the model wrote it; null where it named none"),
      outcome: part.outcome,
      result: part.commandResult,
      totals: part.totals,
      interrupted: name(
        ["done", "again", "unknown"],
        "Of a command that an earlier part of the run had started: it had been carried out, was run again, or nobody can tell",
      ).exactOptional(),
      told: list(z.string(), "The ids of what was said with autogpt tell and is heard with this step").exactOptional(),
    })
    .describe("A step is finished, before the next one begins"),
  "step-remembered": z.object({ step }).describe("A finished step is in memory, on disk or with its service"),
};
