import * as z from "zod";
import { stopReasons } from "../errors.js";
import { taint } from "./events/taint.js";
import { protectionRule } from "../protection/rule.js";
import { approvalRule } from "./approval-rule.js";
import { circleKinds } from "./circle-kinds.js";
import * as part from "./event-parts.js";
import { amount, count, dollars, list, milliseconds, name, text, tokens, yesNo } from "./event-parts.js";

const step = count("The step it belongs to, from 1; 0 before the first");
const run = text("The run's name");
const continuous = yesNo("Commands run without a question (--continuous)");
const purpose = part.purpose;
const limits = part.runLimits;
const command = part.commandCall;
const key = text("The sub-agent's key, never used twice in a run");
const goals = z.array(part.goalEntry).min(1).readonly();
const settled = { usage: part.usage, costUsd: dollars("What that costs") };
const failed = {
  problem: text("What went wrong, in words"),
  usage: part.usage.describe("What it counts for: nothing where the server refused it, else all that was reserved"),
  costUsd: dollars("What that costs"),
};

/**
 * Everything a run does, as it happens: type (noun, then verb) → when, and the fields. The types below, what a reader
 * checks, `autogpt schema events` and docs/journal.md are all made from this. A later version may add fields and types.
 */
export const eventSchemas = {
  "run-start": z
    .object({
      format: z.literal(1).describe("The journal's format; readers refuse others"),
      run,
      version: text("The version of autogpt that began it"),
      aiName: z.string().min(1).describe("The AI's name (ai_name)"),
      aiRole: text("What the AI is (ai_role)"),
      goals: goals.describe("Its goals (ai_goals), in their order"),
      settingsFile: text("The file that said so, where it was one").exactOptional(),
      model: z
        .object({ smart: text("For the loop and the commands about code"), fast: text("For everything else") })
        .describe("The models' names"),
      only: part.modelChoice.describe("fast with --gpt3only, smart with --gpt4only, else null"),
      memory: text("Where memory is kept, as MEMORY_BACKEND names it"),
      workspace: z.string().min(1).describe("The workspace's absolute path"),
      limits,
      continuous,
      approve: list(approvalRule, "The user's rules for single commands, in their order").exactOptional(),
      protect: list(
        protectionRule,
        "What the user protects in the workspace besides the built-in list",
      ).exactOptional(),
      extensions: list(
        part.recordedExtension,
        "The extensions that it was started with, in their order",
      ).exactOptional(),
      requireProof: yesNo("A goal without a passing check counts as not met (--require-proof)"),
    })
    .describe("First in every journal: what the run is to be"),
  "goals-checked": z
    .object({
      checks: list(part.checkedAtStart, "Each check of each goal, in their order"),
      files: list(part.fileAtStart, "The files and folders that the checks' commands name, where they are there"),
    })
    .describe(
      "Before the first step, where a goal has checks: they are carried out once, so that evidence can say what was there already",
    ),
  "run-resumed": z
    .object({
      step: count("The step that it goes on with"),
      limits,
      continuous,
      aiRole: text("What the AI is from here on, where the settings file was changed").exactOptional(),
      goals: goals.describe("Its goals from here on, where the settings file was changed").exactOptional(),
      approve: list(approvalRule, "The rules from here on, where the settings file was changed").exactOptional(),
    })
    .describe("--resume goes on with the run; its limits and mode hold from here on"),
  "context-built": z
    .object({
      step,
      tokens: tokens("How large the request is"),
      messages: count("How many messages it has"),
      memories: count("How many records of memory it recalls"),
      recalled: list(part.recalledNote, "Which, best first"),
    })
    .describe("The messages of the next request are put together"),
  "model-requested": z
    .object({
      step,
      purpose,
      model: text("The model's name"),
      reservedUsd: dollars("The most it may cost"),
      reservedTokens: tokens("The most it may take, sent and answered"),
      unpriced: z
        .literal(true)
        .exactOptional()
        .describe("The model's price is not known, so its cost counts as nothing"),
    })
    .describe("Before a request is sent: its worst case is set aside"),
  "model-retry": z
    .object({
      step,
      attempt: count("Which attempt failed, from 1"),
      waitMs: milliseconds("How long it waits before the next one"),
      ...failed,
    })
    .describe("An attempt failed and will be repeated"),
  "model-failed": z.object({ step, ...failed }).describe("A request failed for good"),
  "model-replied": z
    .object({
      step,
      purpose,
      text: text("The answer, where the purpose is think").exactOptional(),
      finishReason: part.finishReason.exactOptional(),
      ...settled,
    })
    .describe("A request was answered"),
  "reply-parsed": z
    .object({
      step,
      command: command.nullable().describe("As the model wrote it; null where it named none"),
      problem: z.string().nullable().describe("Why the reply cannot be used, in one line; null where it can"),
      thoughts: part.thoughts,
    })
    .describe("The reply has been read"),
  "command-asked": z
    .object({ step, command, effect: text("What it does to the world, as the user is told") })
    .describe("The user is asked about a command"),
  "rule-added": z
    .object({ step, rule: approvalRule })
    .describe("The user has added a rule: it holds from here on, before those of run-start"),
  "command-start": z
    .object({ step, command: command.describe("As it will run: its own name, its arguments converted") })
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
    })
    .describe("A step is finished, before the next one begins"),
  "step-remembered": z.object({ step }).describe("A finished step is in memory, on disk or with its service"),
  "circle-found": z
    .object({
      step,
      kind: name(circleKinds, "What kind of circle it is"),
      steps: list(count("A step"), "The steps that it consists of"),
      text: text("What repeats, in words"),
      rung: count(
        "What is done about it, from 1: the model is told, is asked for a new plan, is asked otherwise, does not see these steps any more; 5: the run ends",
      ),
    })
    .describe("After a step: the run is walking in a circle"),
  ...taint,
  "limit-near": z
    .object({
      step,
      limit: name(["steps", "cost", "tokens", "time"], "Which limit"),
      used: amount("What of it is used, in steps, US dollars, tokens or seconds"),
      of: amount("The limit, in the same unit"),
    })
    .describe("Four fifths of a limit are used; once for each"),
  "run-end": z
    .object({
      run: run.nullable().describe("The run's name; null where none could begin"),
      reason: name(stopReasons, "Why it ended"),
      exitCode: z.int().describe("The program's exit code"),
      steps: count("How many steps were finished"),
      goals: list(part.goalVerdict, "What became of each goal, in their order"),
      usage: part.totals,
      durationMs: milliseconds("How long it took, earlier parts of the run included"),
      message: text("What went wrong and what to do next, where something did").exactOptional(),
      answer: z
        .string()
        .nullable()
        .exactOptional()
        .describe("What the AI said when it completed its task; null where it did not"),
      workspace: text("The workspace's absolute path").exactOptional(),
      files: part.changedFiles
        .describe("What the commands of the run have changed in the workspace, as far as it is known")
        .exactOptional(),
      refusals: list(part.refusal, "The last commands that were refused, 100 at most").exactOptional(),
    })
    .describe("The run has ended, for now or for good"),
};

type EventSchemas = typeof eventSchemas;
type EventType = keyof EventSchemas;
type EventOf<Type extends EventType> = { [Each in Type]: { type: Each } & z.infer<EventSchemas[Each]> }[Type];

export type RunStart = EventOf<"run-start">;
export type RunResumed = EventOf<"run-resumed">;
export type RunEnd = EventOf<"run-end">;

/** What the governor and the retries report: written to the journal before the next act. */
export type ModelEvent = EventOf<"model-requested" | "model-retry" | "model-failed" | "model-replied">;

/** What is said to and by a sub-agent, as the journal keeps it. */
export type SubagentEvent = EventOf<"agent-message" | "agent-deleted">;

/** Everything a run does, as it happens. Journal, console and records all read this. */
export type AgentEvent = EventOf<EventType>;

/** A circle that the run was found to walk in, and how often something has been done about it. */
export type CircleFound = Omit<EventOf<"circle-found">, "type">;

/** A limit of which most is used. */
export type LimitNear = Omit<EventOf<"limit-near">, "type">;

/** A source of text that others wrote, which the model has read. */
export type ContextTainted = Omit<EventOf<"context-tainted">, "type">;

/** A command that was not simply let run because of such text. */
export type EffectStopped = Omit<EventOf<"effect-stopped">, "type">;

/** What the goals' checks found before the first step. */
export type GoalsChecked = Omit<EventOf<"goals-checked">, "type">;

/** What every event in the journal has besides its own fields. */
export const envelope = z.object({
  seq: count("Its number, from 1 without gaps"),
  time: z.iso.datetime().describe("When it happened, by the machine's clock, which may be wrong (ISO 8601, UTC)"),
  elapsedMs: milliseconds(
    "How long the run had worked, earlier parts included, by a clock that nobody sets",
  ).exactOptional(),
  sum: text("The last field: the CRC-32 of the line's bytes before it, in eight hexadecimal digits").exactOptional(),
});

/** An event as it stands in the journal: numbered from 1 without gaps, time in ISO 8601 (UTC). */
export type JournalEvent = z.infer<typeof envelope> & AgentEvent;

/** One finished step: what the model said, what it asked for, what came of it. */
export type Step = { text: string } & Pick<EventOf<"step-end">, "step" | "command" | "outcome" | "result">;

/** How large a context is; `memories` is how many records it recalls, and `recalled` which, best first. */
export type ContextCounts = Omit<EventOf<"context-built">, "type" | "step">;
