import type * as z from "zod";
import type { TimeLimits } from "../base/waiting/time-limits.js";
import type { GuardedMemory } from "../memory/memory.js";
import type { Call, ChatModel } from "../model/model.js";
import type { Capability } from "../sandbox/sandbox.js";
import type { Subagents } from "../subagents/subagents.js";
import type { Summarize } from "../web/summarize.js";
import type { Web } from "../web/web.js";
import type { Workspace } from "../workspace/workspace.js";
import type { CodeContext } from "./code/code-context.js";
import type { CommandResult } from "../history/event-parts.js";
import type { Foreign } from "../history/events/taint.js";
import type { Foreseen } from "../history/events/foreseen.js";
import type { Preview } from "../history/events/preview.js";
import type { AskUser } from "./user-question.js";
import type { Reach } from "./reach.js";
import type { Skills } from "./skills.js";

/** What a command can do to the world, in the words that the person is asked with and that rules may name. */
export const effects = [
  "reads",
  "writes",
  "replaces",
  "deletes",
  "network",
  "acts outside",
  "runs code",
  "asks a model",
  "nothing",
  "ends the run",
] as const;
export type Effect = (typeof effects)[number];

/** What a command may need that not every run has: code that may be run, downloads that are allowed, someone who makes pictures, skills. */
export type Need = Capability | "downloads" | "images" | "skills";

/** What has to be known of a call before anyone is asked about it. */
export type Review = {
  /** Why it cannot be run here and now; then nobody is asked, and nothing runs. */
  refusal?: string;
  /** What this very call does to the world, where it is not what the command usually does. */
  effect?: Effect;
  /** It would run code that nothing confines, so the user has to say yes to this very call. */
  unconfined?: boolean;
  /** The texts that the user's rules are compared with; a rule that allows has to fit all of them. Null: they cannot be told. */
  subjects?: readonly string[] | null;
  /** Texts in it that may turn out to be subjects, too: what a rule does not allow there is asked about. */
  mentions?: readonly string[];
  /** How it reaches outside; absent where it does not. */
  reach?: Reach;
};

/** Everything a command may use. It sees no settings, no console and no other command. */
export type CommandContext = {
  workspace: Workspace;
  models: { smart: ChatModel; fast: ChatModel };
  /** Where it fails, nothing is remembered or recalled; no command fails for it. */
  memory: GuardedMemory;
  subagents: Subagents;
  web: Web;
  /** Answers questions from long texts. */
  summarize: Summarize;
  /** The bytes of a picture; null where no provider is configured. */
  images: ((prompt: string, call: Call) => Promise<Buffer>) | null;
  /** A name that nothing has yet; in a replay the one that it was then. */
  newName(): string;
  run: string;
  step: number;
  /** How long work may take that might go on for ever. */
  timeLimits: TimeLimits;
  /** Aborted when the run ends early, or the person stops the step. */
  signal: AbortSignal;
  /** Aborted when the run ends early: for what outlives the step. */
  runSignal: AbortSignal;
  code: CodeContext;
  /** Instructions for kinds of tasks; null where the run has none. */
  skills: Skills | null;
  fitting: Fitting;
  /** Asks the user what somebody else wants to know. */
  askUser: AskUser;
  /** Carries out the goals' checks; `text` says what each one found. */
  checkGoals(): Promise<{ ok: boolean; text: string }>;
};

/** How many characters of a text fit into one result. */
export type Fitting = (text: string) => number | Promise<number>;

export type Command = {
  name: string;
  /** Stands before the name in the prompt's COMMANDS list. */
  label: string;
  /** An argument's description is its placeholder in the prompt; one without a description is understood, not listed. */
  args: z.ZodObject;
  /** Its arguments come to it as the model wrote them, and its review judges them. */
  takesAnyArguments?: boolean;
  effect: Effect;
  /** Understood, but not listed in the prompt. */
  hidden?: boolean;
  /** In a run that lacks this, the command is neither listed nor understood. */
  needs?: Need;
  /** Where `needs` is missing, the command is understood, though not listed, and says itself why it cannot run. */
  explainsItself?: boolean;
  /** Other names that models use for this command. */
  synonyms?: readonly string[];
  /** Argument names of later versions of the original → ours. */
  renames?: Readonly<Record<string, string>>;
  /** Looks at a call before anyone is asked about it. By default it can run, and rules are compared with its paths. */
  review?(args: never, context: CommandContext): Promise<Review>;
  /** What this call will do, for the person who is asked; its arguments by their names unless told. It changes nothing. */
  preview?(args: never, context: CommandContext): Promise<Preview>;
  /**
   * The paths that this call may change in the workspace, or "all" where that cannot be told. By default all for a command that
   * runs code, the paths among its arguments for one that writes, none for others.
   */
  touches?(args: never): readonly string[] | "all";
  /** Whose words its result may hold besides the program's and the model's; null or absent: nobody's. */
  foreign?(args: never): Foreign | null;
  /**
   * What this call will leave behind and answer where nothing goes wrong, for one that does nothing else: whoever resumes a run finds
   * out from it whether the call was carried out. Where it will fail, its paths are afterwards as before.
   */
  foresee?(args: never, context: CommandContext): Promise<Foreseen>;
  /**
   * A second run, after the first was cut short, does no harm and answers what the first would have answered. By default so for
   * what reads, asks a model, does nothing or ends the run.
   */
  repeatable?: boolean;
  /** A string is the text of a success; a thrown error becomes `Error: {message}`. */
  run(args: never, context: CommandContext): Promise<string | CommandResult>;
};

/** Gives `run` the type that follows from `args`; does nothing else. */
export const defineCommand = <Args extends z.ZodObject>(
  command: Omit<Command, "args" | "run" | "review" | "preview" | "touches" | "foreign" | "foresee"> & {
    args: Args;
    review?(args: z.infer<Args>, context: CommandContext): Promise<Review>;
    preview?(args: z.infer<Args>, context: CommandContext): Promise<Preview>;
    touches?(args: z.infer<Args>): readonly string[] | "all";
    foreign?(args: z.infer<Args>): Foreign | null;
    foresee?(args: z.infer<Args>, context: CommandContext): Promise<Foreseen>;
    run(args: z.infer<Args>, context: CommandContext): Promise<string | CommandResult>;
  },
): Command => command as Command;

/** The arguments that the prompt lists, each with its placeholder, in the order of the schema. */
export const listedArguments = (command: Command): [name: string, placeholder: string][] =>
  Object.entries(command.args.shape).flatMap(([name, type]): [string, string][] => {
    const placeholder = (type as z.ZodType).description;
    return placeholder === undefined ? [] : [[name, placeholder]];
  });
