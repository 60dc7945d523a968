import type { Steering } from "../../agent/step-stops.js";
import type { Command } from "../../commands/command.js";
import type { AskUser } from "../../commands/user-question.js";
import type { Check } from "../../goals/check.js";
import type { ApprovalRule } from "../../history/approval-rule.js";
import type { Listener } from "../../history/emit.js";
import type { RunLimits, ModelChoice } from "../../history/event-parts.js";
import type { InstructionFile } from "../../history/events/guidance.js";
import type { GoalVerdict } from "../../history/goals.js";
import type { Lease } from "../../history/lock/run-lock.js";
import type { RecordedRun } from "../../history/read-run.js";
import type { Replica } from "../../history/lock/replica.js";
import type { Hook } from "../../hooks/hook.js";
import type { FoundSkill } from "../../instructions/skills/find-skills.js";
import type { ChatRequest } from "../../model/model.js";
import type { ProtectionRule } from "../../protection/rule.js";
import type { Settings } from "../../settings/schema.js";
import type { Ai } from "../refuse-secrets.js";
import type { ApprovalRequest } from "./approval.js";
import type { Taping } from "../tape/taping.js";
import type { Inspector } from "./presentable.js";

/** All that a run's agent is put together from. */
export type AgentRequest = Pick<ApprovalRequest, "ask" | "answerable" | "keepRules" | "onApproval" | "toldAnswers"> & {
  settings: Settings;
  /** How what comes into the run from outside is recorded, or replayed; neither unless told. */
  taping?: Taping | null;
  /** The folder the program was started in: .env and azure.yaml lie there. */
  cwd: string;
  secrets: readonly string[];
  ai: Ai;
  /** Every command that there is; those that need what this run has not are left out. */
  commands: readonly Command[];
  /** The MCP servers that some of them come from, or would. */
  serverNames?: readonly string[];
  /** Those that the goals may have. */
  checks: readonly Check[];
  run: string;
  workspaceDirectory: string;
  memoryBackend: Settings["memoryBackend"];
  limits: RunLimits;
  continuous: boolean;
  /** The user's rules for single commands. */
  approve: readonly ApprovalRule[];
  /** What else of the workspace the user protects, or lets be changed. */
  protect: readonly ProtectionRule[];
  only: ModelChoice;
  /** Files that say how the user wants work done, the later ones above the earlier. */
  instructions: readonly InstructionFile[];
  /** Programs of the user's that are run at moments of the run. */
  hooks: readonly Hook[];
  /** Instructions for kinds of tasks. */
  skills: readonly FoundSkill[];
  /** A goal without a proof counts as not met. */
  requireProof: boolean;
  /** What the journal says of the run's earlier part. */
  recorded: RecordedRun | null;
  /** The user takes what goals are judged by as it is now, and not as it was at the start. */
  fixAnew?: boolean | undefined;
  /** Who hears of each event once it is in the journal. */
  listeners: readonly Listener[];
  /** Lets the person answer what a server asks; where it is missing, nobody is asked. */
  askUser?: AskUser | undefined;
  /** Lets the person stop steps; where it is missing, the run is stopped or nothing. */
  steering?: Steering | undefined;
  /** Says something to the person that is no event: a memory that failed, for example. */
  warn(text: string): void;
  /** Hears what the model says, as it comes. */
  onText?: ChatRequest["onText"] | undefined;
  /** Hears what the model thinks before, where its server sends that. */
  onThinking?: ChatRequest["onThinking"] | undefined;
  /** Is told what is waited for, in a few words, where no event says it. */
  heard?: ((what: string) => void) | undefined;
  /** Is told what the goals' checks found whenever they are carried out. */
  judged?: ((verdicts: readonly GoalVerdict[]) => void) | undefined;
  /** Hears what a command's program writes, as it comes; secrets are not masked yet. */
  onOutput?: ((text: string) => void) | undefined;
  /** Whether the run is still ours, asked before each act; throws where it is not. */
  lease: Lease;
  /** Where a copy of the journal is kept, if anywhere. */
  replica?: Replica | undefined;
  /** How long the run has worked, in milliseconds, earlier parts included. */
  elapsedMs(): number;
  inspector: Inspector | null;
  signal: AbortSignal;
};
