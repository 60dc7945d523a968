import type { Command } from "../../commands/command.js";
import { isRepeatable } from "../../commands/prepare.js";
import type { Emit } from "../../history/emit.js";
import type { RecordedRun } from "../../history/read-run.js";
import { roughCounter } from "../../model/tokens.js";
import { createSubagents, type Subagents } from "../../subagents/subagents.js";
import type { Models } from "../models.js";

/** The sub-agents of a run, with what was said to those of its earlier part. */
export const createRunSubagents = (
  recorded: RecordedRun | null,
  commands: readonly Command[],
  { fast }: Models,
  emit: Emit,
): Subagents =>
  createSubagents({
    model: fast.model,
    emit,
    contextTokens: fast.contextTokens,
    answerTokens: fast.answerTokens,
    async countTokens(messages) {
      const estimate = roughCounter.messageTokens(messages);
      if (estimate <= fast.contextTokens) return estimate;
      await fast.counter.load();
      return fast.counter.messageTokens(messages);
    },
    ...(recorded && { history: recorded.subagents, again: stepToRepeat(recorded, commands) }),
  });

/** The step that was cut short, where its command is run again; null where there is none. */
function stepToRepeat({ open, steps }: RecordedRun, commands: readonly Command[]): number | null {
  if (!open?.started || open.step !== steps.length + 1) return null;
  const { name } = open.started.command;
  const command = commands.find((one) => one.name === name);
  return command !== undefined && isRepeatable(command) ? open.step : null;
}
