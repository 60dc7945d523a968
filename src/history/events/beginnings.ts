import * as z from "zod";
import { protectionRule } from "../../protection/rule.js";
import { approvalRule } from "../approval-rule.js";
import * as part from "../event-parts.js";
import { count, list, name, text, yesNo } from "../event-parts.js";
import * as goal from "../goals.js";
import { run } from "./fields.js";
import { instructionFile, recordedSkill } from "./guidance.js";
import { recordedHook } from "./hooks.js";

const continuous = yesNo("Commands run without a question (--continuous)");
const limits = part.runLimits;
const goals = z.array(goal.goalEntry).min(1).readonly();

/** What may become of a command that takes the user's own yes: they are asked, it is refused, or the run is parked. */
export const onApprovalModes = ["ask", "deny", "park"] as const;
export type OnApproval = (typeof onApprovalModes)[number];

const onApproval = name(
  onApprovalModes,
  "What becomes of a command that takes the user's own yes, where --on-approval said so: ask, deny (it is refused) or park (the run ends until there is an answer)",
).exactOptional();

const settings = z
  .record(z.string(), z.unknown())
  .describe("Settings that the run keeps to until the user says otherwise: models, TAINT, SNAPSHOTS, by their names");

/** What a run is to be, when it begins and when it goes on. */
export const beginnings = {
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
      onApproval,
      approve: list(approvalRule, "The user's rules for single commands, in their order").exactOptional(),
      protect: list(
        protectionRule,
        "What the user protects in the workspace besides the built-in list",
      ).exactOptional(),
      extensions: list(
        part.recordedExtension,
        "The extensions that it was started with, in their order",
      ).exactOptional(),
      mcpServers: list(part.recordedServer, "The MCP servers whose tools are commands of the run").exactOptional(),
      instructions: list(
        instructionFile,
        "The user's instructions (AGENTS.md), those of folders above first",
      ).exactOptional(),
      hooks: list(recordedHook, "Programs of the user's that are run at moments of the run").exactOptional(),
      skills: list(recordedSkill, "The skills that it was started with").exactOptional(),
      forkedFrom: z
        .object({
          run: text("The run that it was made from (--fork)"),
          step: count("The step after which it goes on; what stands before is taken over from there"),
          earlier: list(
            z.object({ run: text("An earlier one"), step: count("Its step") }),
            "Where that one came from, and so on, the nearest first",
          ).exactOptional(),
        })
        .describe("Where the run was made from another one")
        .exactOptional(),
      session: z
        .object({ id: text("Its id"), cwd: text("The folder that the editor named for it") })
        .describe("The session of an editor that the run belongs to (autogpt acp)")
        .exactOptional(),
      mustNot: list(goal.writtenCheck.readonly(), "What must not happen (must_not), beside the goals").exactOptional(),
      settings: settings.exactOptional(),
      requireProof: yesNo("A goal without a passing check counts as not met (--require-proof)"),
    })
    .describe("First in every journal: what the run is to be"),
  "goals-checked": z
    .object({
      checks: list(goal.checkedAtStart, "Each check of each goal, in their order"),
      files: list(goal.fileAtStart, "What the checks name and judge by, where it is there"),
    })
    .describe(
      "Before the first step, where a goal has checks: they are carried out once, and what they judge by is fixed; again on a resume with other checks",
    ),
  "run-resumed": z
    .object({
      step: count("The step that it goes on with"),
      limits,
      continuous,
      onApproval,
      aiRole: text("What the AI is from here on, where the settings file was changed").exactOptional(),
      goals: goals.describe("Its goals from here on, where the settings file was changed").exactOptional(),
      approve: list(approvalRule, "The rules from here on, where the settings file was changed").exactOptional(),
      mustNot: list(
        goal.writtenCheck.readonly(),
        "What must not happen from here on, where the settings file was changed",
      ).exactOptional(),
      protect: list(
        protectionRule,
        "What is protected from here on, where the settings file was changed",
      ).exactOptional(),
      settings: settings.exactOptional(),
      fixedAnew: z
        .literal(true)
        .exactOptional()
        .describe("What the goals are judged by is taken as it is now, since the user said so: goals-checked follows"),
      hooks: list(recordedHook, "The hooks from here on, where they were changed").exactOptional(),
      instructions: list(instructionFile, "The instructions from here on, where they were changed").exactOptional(),
    })
    .describe("--resume goes on with the run; its limits and mode hold from here on"),
};
