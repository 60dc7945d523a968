import * as z from "zod";
import { modelFailures, stopReasons } from "../../errors.js";
import { circleKinds } from "../circle-kinds.js";
import * as part from "../event-parts.js";
import { amount, count, list, milliseconds, name, text } from "../event-parts.js";
import * as goal from "../goals.js";
import { limitName, run, step } from "./fields.js";

/** What ends a run, or is about to. */
export const ends = {
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
  "limit-near": z
    .object({
      step,
      limit: limitName("Which limit"),
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
      goals: list(goal.goalVerdict, "What became of each goal, and of what is under must_not, in their order"),
      usage: part.totals,
      durationMs: milliseconds("How long it took, earlier parts of the run included"),
      message: text("What went wrong and what to do next, where something did").exactOptional(),
      failure: name(modelFailures, "How the model's server failed, where that ended the run").exactOptional(),
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
