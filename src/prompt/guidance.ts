import type { SkillSummary } from "../commands/skills.js";
import type { InstructionFile } from "../history/events/guidance.js";
import type { TokenCounter } from "../model/tokens.js";
import { cleanLine, counted } from "../base/text.js";

/** The user's instructions as the prompt has them, each behind the file that it stands in. */
export const instructionsText = (files: readonly InstructionFile[]): string =>
  [
    "INSTRUCTIONS:\n\nThe user has written these instructions for work in this folder. They are constraints like those above; where two of " +
      "them differ, the later one counts.",
    ...files.map(({ file, text }) => `[${file}]\n${text}\n[End of ${file}]`),
  ].join("\n\n");

/** The skills as the prompt lists them. */
export const skillsText = (skills: readonly SkillSummary[]): string =>
  [
    "SKILLS:\n\nThe user's instructions for some kinds of tasks. Before you begin with what one of them is for, load it with use_skill.",
    skills.map(({ name, description }, index) => `${index + 1}. ${name}: ${description}`).join("\n"),
  ].join("\n\n");

export type Guidance = { instructions: readonly InstructionFile[]; skills: readonly SkillSummary[] };

/** The share of a context that instructions may take, and that of the list of skills: what a run does needs the rest. */
const instructionShare = 1 / 4;
const skillShare = 1 / 8;
const shortestDescription = 60;

/** At most so many characters, up to the end of a line; of a line that is cut something is told only where it is a sentence or two. */
function wholeLines(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.lastIndexOf("\n", most);
  return end > 0 ? text.slice(0, end) : most < leastOfLine ? "" : text.slice(0, most);
}

const leastOfLine = 200;

/**
 * What of these fits into a context of so many tokens, with sentences on what does not: of instructions the nearest files first, of
 * skills the beginning of each description.
 */
export function fittingGuidance(
  { instructions, skills }: Guidance,
  counter: TokenCounter,
  contextTokens: number,
): Guidance & { problems: string[] } {
  const problems: string[] = [];
  const kept: InstructionFile[] = [];
  let left = contextTokens * instructionShare;
  for (const one of [...instructions].reverse()) {
    const text = wholeLines(one.text, counter.fittingLength(one.text, left));
    left = Math.max(0, left - counter.count(text));
    if (text.length < one.text.length)
      problems.push(
        `${one.file} does not fit: instructions may take a quarter of the context of this model, ${contextTokens} tokens. The AI is told ` +
          `${text === "" ? "nothing" : `the first ${counted(text.length, "character")}`} of it.`,
      );
    if (text !== "") kept.unshift({ ...one, text });
  }
  const most = contextTokens * skillShare;
  const each = Math.max(shortestDescription, Math.floor((most * 3) / Math.max(1, skills.length)));
  if (counter.count(skillsText(skills)) <= most) return { instructions: kept, skills, problems };
  const short = skills.map(({ name, description }) => ({ name, description: cleanLine(description, each) }));
  problems.push(
    `The descriptions of ${counted(skills.length, "skill")} take more than an eighth of the context of this model, so the AI is told the beginning of each.`,
  );
  return { instructions: kept, skills: short, problems };
}
