import * as z from "zod";
import { list, milliseconds, name, text, yesNo } from "../event-parts.js";
import { step } from "./fields.js";

/** When a program of the user's is run. */
export const hookMoments = ["run-start", "before-command", "after-command", "run-end"] as const;
export type HookMoment = (typeof hookMoments)[number];

const moment = name(hookMoments, "When it is run");
const program = text("The program and its arguments, as the settings name them");

/** A hook that a run was started with. */
export const recordedHook = z
  .object({
    event: moment,
    program,
    commands: list(z.string(), "The commands that it is run for; missing: all").exactOptional(),
    required: yesNo("The run ends where it fails"),
  })
  .meta({ id: "hook", title: "Hook", description: "A program of the user's that is run at a moment of the run" });
export type RecordedHook = z.infer<typeof recordedHook>;

/** What hooks did. */
export const hookEvents = {
  "hook-ran": z
    .object({
      step,
      event: moment,
      program,
      outcome: name(
        ["passed", "changed", "refused", "failed"],
        "What came of it. changed: the command has other arguments; refused: it does not run; failed: the hook itself did",
      ),
      args: z.record(z.string(), z.unknown()).exactOptional().describe("The arguments that it gave the command"),
      reason: text("Why it refused").exactOptional(),
      problem: text("What went wrong").exactOptional(),
      note: text("What else it had to say").exactOptional(),
      ms: milliseconds("How long it took"),
    })
    .describe("A program of the user's was run (hooks: in ai_settings.yaml)"),
};
