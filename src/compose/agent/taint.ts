import type { Agent } from "../../agent/run-agent.js";
import type { Command, CommandContext } from "../../commands/command.js";
import { commandMap } from "../../commands/index.js";
import type { InstructionFile } from "../../history/events/guidance.js";
import type { RecordedRun } from "../../history/read-run.js";
import type { OpenedMemory } from "../../memory/memory.js";
import { onRecords } from "../../memory/wrappers.js";
import type { Settings } from "../../settings/schema.js";
import { createTaint, noTaint, type Taint } from "../../taint/taint.js";
import type { Ai } from "../refuse-secrets.js";

type TaintRequest = {
  settings: Settings;
  ai: Ai;
  commands: readonly Command[];
  recorded: RecordedRun | null;
  instructions: readonly InstructionFile[];
};

/** What knows whether this run has read text of others, where the settings want it. */
export const createRunTaint = ({ settings, ai, commands, recorded, instructions }: TaintRequest): Taint =>
  settings.taint === "off"
    ? noTaint
    : createTaint({
        commands: commandMap(commands),
        // A yes to instructions of others is none to the hosts that they name.
        words: [
          ai.aiRole,
          ...ai.goals.map(({ goal }) => goal),
          ...instructions.filter(({ foreign }) => !foreign).map(({ text }) => text),
        ],
        recorded,
      });

/** The memory that notes of each record whether it was made while the context held text of others. */
export const markingMemory = (memory: OpenedMemory, taint: Taint): OpenedMemory =>
  onRecords(memory, ({ text, source }) => ({
    text,
    source: { ...source, tainted: source.kind === "page" || taint.isTainted() },
  }));

/** What commands may use in all steps of a run. */
export type RunContext = Omit<CommandContext, "step" | "signal" | "runSignal" | "askUser"> & {
  askUser(step: number): CommandContext["askUser"];
};

/** What a command of a step may use, which is held to bounds where there are some. */
export const boundedContexts =
  (context: RunContext, runSignal: AbortSignal): Agent["contextFor"] =>
  (step, signal, { offline, oneSite } = {}) => {
    const { web, code } = context;
    return {
      ...{ ...context, step, signal, runSignal, askUser: context.askUser(step) },
      ...(offline && { code: { ...code, sandboxes: code.sandboxes.offline() } }),
      ...(oneSite && {
        web: {
          ...web,
          readPage: (address, own) => web.readPage(address, own, true),
          download: (address, save, own) => web.download(address, save, own, true),
        },
      }),
    };
  };
