import * as z from "zod";
import { onApprovalModes } from "../../history/events/beginnings.js";
import { setting } from "../setting.js";
import { choice, count, dollars, duration, plainName, text, texts, truth, wholeNumber } from "../value-types.js";

const run = "How it runs";
const ai = "The AI, without a file (each implies -y)";
const limits = "Limits of the whole run";
const output = "Output";

/** What is asked for on the command line, for one run. */
export const runSettings = {
  continuous: setting({
    group: run,
    flag: { long: "--continuous", short: "-c" },
    type: truth(),
    default: false,
    help: "Run commands without asking",
  }),
  continuousLimit: setting({
    group: run,
    flag: { long: "--continuous-limit", short: "-l", argument: "N" },
    type: wholeNumber(1),
    help: "With --continuous: at most N steps in the whole run",
  }),
  gpt3only: setting({
    group: run,
    flag: { long: "--gpt3only" },
    type: truth(),
    default: false,
    help: "Use the fast model for everything",
  }),
  gpt4only: setting({
    group: run,
    flag: { long: "--gpt4only" },
    type: truth(),
    default: false,
    help: "Use the smart model for everything",
  }),
  profile: setting({
    group: run,
    flag: { long: "--profile", argument: "NAME" },
    type: plainName(),
    help: "Settings of profiles/NAME.env in your own settings folder (~/.config/autogpt); they win over the environment",
  }),
  onApproval: setting({
    group: run,
    environment: ["ON_APPROVAL"],
    flag: { long: "--on-approval", argument: "MODE" },
    type: choice(...onApprovalModes),
    example: "park",
    help: "What becomes of a command that takes your yes: ask, deny (the AI is told), park (the run ends until you have answered); with --continuous deny, else ask, unless told",
  }),
  skipReprompt: setting({
    group: run,
    flag: { long: "--skip-reprompt", short: "-y" },
    type: truth(),
    default: false,
    help: "Do not ask whether to go on with the last settings",
  }),
  requireProof: setting({
    group: run,
    flag: { long: "--require-proof" },
    type: truth(),
    default: false,
    help: "A goal without a passing check counts as not met",
  }),
  resume: setting({
    group: run,
    flag: { long: "--resume", argument: "[RUN]" },
    type: z.union([z.literal(true), text()]).describe("the name of a run"),
    help: "Go on with a run; without a name, with the last one of this folder",
  }),
  acceptChanges: setting({
    group: run,
    flag: { long: "--accept-changes" },
    type: truth(),
    default: false,
    help: "With --resume or --fork: take over what was changed in the settings file since the run began",
  }),
  fork: setting({
    group: run,
    flag: { long: "--fork", argument: "RUN" },
    type: text("the name of a run"),
    help: "Start a new run that goes on from a step of an earlier one, with the workspace as it was then",
  }),
  at: setting({
    group: run,
    flag: { long: "--at", argument: "STEP" },
    type: wholeNumber(0),
    help: "With --fork: the step after which it goes on; without it, the last one that was finished",
  }),
  yes: setting({
    group: run,
    flag: { long: "--yes" },
    type: truth(),
    default: false,
    help: "With --fork: put the workspace back without asking",
  }),
  aiName: setting({
    group: ai,
    flag: { long: "--ai-name", argument: "NAME" },
    type: text(),
    help: "Name of the AI",
  }),
  aiRole: setting({
    group: ai,
    flag: { long: "--ai-role", argument: "ROLE" },
    type: text(),
    help: "What the AI is",
  }),
  aiGoals: setting({
    group: ai,
    flag: { long: "--ai-goal", argument: "GOAL", repeated: true },
    type: texts(),
    help: "A goal; may be given several times",
  }),
  taint: setting({
    group: run,
    environment: ["TAINT"],
    type: choice("ask", "off"),
    default: "ask",
    help: "Once text of others was read: ask about, or refuse, what reaches outside and the user has not named; off does not",
  }),
  agentsMd: setting({
    group: run,
    environment: ["AGENTS_MD"],
    type: truth(),
    default: true,
    help: "Take AGENTS.md of the settings' folder, the workspace and those above, up to the repository's root, for your constraints",
  }),
  skills: setting({
    group: run,
    environment: ["SKILLS"],
    type: truth(),
    default: true,
    help: "Offer the AI the skills in .agents/skills and .autogpt/skills of these folders, and in your own settings folder",
  }),
  maxCost: setting({
    group: limits,
    flag: { long: "--max-cost", argument: "USD" },
    type: dollars(),
    help: "US dollars, for example 1.50",
  }),
  maxTokens: setting({
    group: limits,
    flag: { long: "--max-tokens", argument: "N" },
    type: count(),
    help: "Tokens sent and received: 12000, 500k, 1m",
  }),
  maxTime: setting({
    group: limits,
    flag: { long: "--max-time", argument: "DURATION" },
    type: duration(),
    help: "Time: 90 (seconds), 30s, 5m, 1h",
  }),
  wait: setting({
    group: limits,
    flag: { long: "--wait", argument: "DURATION" },
    type: duration(),
    help: "How long to wait for a rate or quota limit to end, or for the network; then exit 75, and --resume goes on",
  }),
  outputFormat: setting({
    group: output,
    flag: { long: "--output-format", argument: "FORMAT" },
    type: choice("text", "json", "stream-json"),
    default: "text",
    help: "text, json (the end record) or stream-json (every event)",
  }),
  debug: setting({
    group: output,
    flag: { long: "--debug" },
    type: truth(),
    default: false,
    help: "Show the context sent, token counts and memory each step",
  }),
  plain: setting({
    group: output,
    environment: ["PLAIN_OUTPUT"],
    flag: { long: "--plain" },
    type: truth(),
    default: false,
    help: "Whole lines only, nothing drawn or moved, for screen readers; TERM=dumb does the same",
  }),
  speak: setting({
    group: output,
    flag: { long: "--speak" },
    type: truth(),
    default: false,
    help: "Read the AI's spoken thoughts aloud",
  }),
  skipNews: setting({
    group: output,
    flag: { long: "--skip-news" },
    type: truth(),
    default: false,
    help: "Accepted for compatibility; there are no news to skip",
  }),
};
