import type { Agent } from "../../agent/run-agent.js";
import { type MemoryBackend, remembers } from "../../memory/backends.js";
import { buildSystemPrompt } from "../../prompt/system-prompt.js";
import type { Models } from "../models.js";
import type { Ai } from "../refuse-secrets.js";

type Described = { ai: Ai; memoryBackend: MemoryBackend };

/** The system prompt of a run, and what its memory is asked before there is any history. */
export function described(
  { ai, memoryBackend }: Described,
  models: Models,
  commands: Agent["commands"],
): { systemPrompt: string; purpose: string } {
  const goals = ai.goals.map(({ goal }) => goal);
  const systemPrompt = buildSystemPrompt({
    ...ai,
    goals,
    commands: commands.values(),
    fastModel: models.fast.model.name,
    remembers: remembers(memoryBackend),
  });
  return { systemPrompt, purpose: [ai.aiRole, ...goals].join("\n") };
}
