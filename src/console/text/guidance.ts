import { escapeControls, escapeText } from "../../base/escape.js";
import { firstCharacters, sizeText } from "../../base/text.js";
import type { JournalEvent } from "../../history/events.js";

/** What the user has brought along for a run: files of instructions, programs that look at it, skills. */
export type BroughtAlong = {
  instructions?: readonly { file: string; bytes: number }[] | undefined;
  hooks?: readonly { event: string; program: string; required: boolean }[] | undefined;
  skills?: readonly { name: string }[] | undefined;
};

/** It in lines, as it is said where a run begins. */
export function broughtAlong({ instructions = [], hooks = [], skills = [] }: BroughtAlong): string[] {
  return [
    ...instructions.map(({ file, bytes }) => `Instructions: ${safe(file)} (${sizeText(bytes)})`),
    ...hooks.map(({ event, program, required }) => `Hook: ${event}: ${safe(program)}${required ? " (required)" : ""}`),
    ...(skills.length === 0 ? [] : [`Skills: ${skills.map(({ name }) => safe(name)).join(", ")}`]),
  ];
}

const safe = (text: string): string => escapeControls(text, { newlines: "escape" });

const shownCharacters = 4_000;

/** What a hook did that is not seen otherwise: a refusal stands in the result of the command. */
export function hookTexts(event: Extract<JournalEvent, { type: "hook-ran" }>): { warnings: string[]; notes: string[] } {
  const named = `The hook ${event.program} (${event.event})`;
  const { outcome, problem = "", args = {}, note } = event;
  const changed = `${named} changed the arguments: ${firstCharacters(JSON.stringify(args), shownCharacters)}`;
  const failed = `WARNING: ${named} failed: ${problem.replace(/\.$/, "")}.`;
  return {
    warnings: [...(outcome === "failed" ? [failed] : []), ...(outcome === "changed" ? [changed] : [])].map(escapeText),
    notes: note === undefined ? [] : [escapeText(`${named}: ${note}`)],
  };
}
