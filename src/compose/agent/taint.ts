import type { Command, CommandContext } from "../../commands/command.js";
import { commandMap } from "../../commands/index.js";
import type { Bounds } from "../../commands/reach.js";
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
};

/** What knows whether this run has read text of others, where the settings want it. */
export const createRunTaint = ({ settings, ai, commands, recorded }: TaintRequest): Taint =>
  settings.taint === "off"
    ? noTaint
    : createTaint({
        commands: commandMap(commands),
        words: [ai.aiRole, ...ai.goals.map(({ goal }) => goal)],
        recorded,
      });

/** The memory that notes of each record whether it was made while the context held text of others. */
export const markingMemory = (memory: OpenedMemory, taint: Taint): OpenedMemory =>
  onRecords(memory, ({ text, source }) => ({
    text,
    source: { ...source, tainted: source.kind === "page" || taint.isTainted() },
  }));

/** What a command may use that is held to these bounds. */
export function boundedContext<Context extends Pick<CommandContext, "web" | "code">>(
  context: Context,
  { offline, oneSite }: Bounds = {},
): Context {
  const { web, code } = context;
  return {
    ...context,
    ...(offline && { code: { ...code, sandboxes: code.sandboxes.offline() } }),
    ...(oneSite && {
      web: {
        ...web,
        readPage: (address, signal) => web.readPage(address, signal, true),
        download: (address, save, signal) => web.download(address, save, signal, true),
      } satisfies CommandContext["web"],
    }),
  };
}
