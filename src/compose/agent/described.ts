import type { Agent } from "../../agent/run-agent.js";
import type { SkillSummary } from "../../commands/skills.js";
import type { InstructionFile } from "../../history/events/guidance.js";
import { type MemoryBackend, remembers } from "../../memory/backends.js";
import { fittingGuidance } from "../../prompt/guidance.js";
import { buildSystemPrompt } from "../../prompt/system-prompt.js";
import type { Models } from "../models.js";
import type { Ai } from "../refuse-secrets.js";

type Described = {
  ai: Ai;
  memoryBackend: MemoryBackend;
  instructions: readonly InstructionFile[];
  skills: readonly SkillSummary[];
  warn(text: string): void;
};

/** The system prompt of a run, and what its memory is asked before there is any history. */
export function described(
  { ai, memoryBackend, instructions, skills, warn }: Described,
  models: Models,
  commands: Agent["commands"],
): { systemPrompt: string; purpose: string } {
  const goals = ai.goals.map(({ goal }) => goal);
  const { counter, contextTokens } = models.smart;
  const guidance = { instructions, skills };
  const isPlain = instructions.length + skills.length === 0;
  const { problems, ...fitting } = isPlain
    ? { ...guidance, problems: [] }
    : fittingGuidance(guidance, counter, contextTokens);
  for (const problem of problems) warn(`WARNING: ${problem}`);
  const systemPrompt = buildSystemPrompt({
    ...ai,
    goals,
    commands: commands.values(),
    fastModel: models.fast.model.name,
    remembers: remembers(memoryBackend),
    ...fitting,
  });
  return { systemPrompt, purpose: [ai.aiRole, ...goals].join("\n") };
}
