import { join } from "node:path";
import { proposalFor } from "../agent/ask-person.js";
import { effectOf } from "../agent/question.js";
import type { Command, CommandContext } from "../commands/command.js";
import { commandMap } from "../commands/index.js";
import { prepareCommand } from "../commands/prepare.js";
import type { CommandCall } from "../history/event-parts.js";
import type { Asked } from "../history/questions/digest.js";
import type { RecordedRun } from "../history/read-run.js";
import { runDirectory } from "../history/runs.js";
import type { LoadedSettings } from "../settings/load.js";
import { createCode, ownFiles, workspaceOf } from "./code.js";

export type ProposalsOptions = {
  loaded: Pick<LoadedSettings, "settings">;
  cwd: string;
  recorded: RecordedRun;
  /** Every command that the run may have. */
  commands: readonly Command[];
  signal: AbortSignal;
};

/**
 * Works with a function that says what a call would do in the workspace of a recorded run, as the run itself would ask
 * about it now; a text says why it could not be run. Nothing is run or changed.
 */
export async function withProposals<Result>(
  { loaded: { settings }, cwd, recorded, commands, signal }: ProposalsOptions,
  work: (proposalFor: (call: CommandCall, step: number) => Promise<Asked | string>) => Promise<Result>,
): Promise<Result> {
  const { run, start } = recorded;
  const own = ownFiles(settings, cwd, start.protect);
  const workspace = await workspaceOf(start.workspace, own, join(runDirectory(settings.home, run), "tmp"));
  const code = createCode(settings, workspace.root, own);
  const known = commandMap(commands);
  try {
    return await work(async (call, step) => {
      // Models, memory and web are there for running a command; to look at one takes neither.
      const context = { workspace, code: code.context, run, step, signal, runSignal: signal } as CommandContext;
      const proposal = await proposalFor((one) => prepareCommand(known, one), call, context);
      if (typeof proposal === "string") return proposal;
      return { command: proposal.command.call, effect: effectOf(proposal), preview: proposal.preview };
    });
  } finally {
    await code.close();
  }
}
