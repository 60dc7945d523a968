import * as z from "zod";
import { count, text } from "../event-parts.js";

/** A file of instructions that a run has, so that it goes on with the same ones. */
export const instructionFile = z
  .object({
    file: text("Where it lies"),
    bytes: count("Its size", "bytes"),
    text: text("What of it the AI is told, 32 KiB of all files at the most"),
    foreign: z.literal(true).describe("It came from somebody else, and the user trusts it").exactOptional(),
  })
  .meta({ id: "instructions", title: "Instructions", description: "A file that says how the user wants work done" });
export type InstructionFile = z.infer<typeof instructionFile>;

/** A skill that a run has. */
export const recordedSkill = z
  .object({
    name: text("Its name"),
    folder: text("The folder that it lies in"),
    foreign: z.literal(true).describe("It came from somebody else, and the user trusts it").exactOptional(),
  })
  .meta({ id: "skill", title: "Skill", description: "Instructions for a kind of task, which use_skill loads" });
export type RecordedSkill = z.infer<typeof recordedSkill>;
