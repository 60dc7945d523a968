import { randomUUID } from "node:crypto";
import type { Mask } from "../../base/mask.js";
import { usualTimeLimits } from "../../base/waiting/time-limits.js";
import type { Tape } from "../../cassette/tape.js";
import type { Command } from "../../commands/command.js";
import type { Skills } from "../../commands/skills.js";
import type { Emit } from "../../history/emit.js";
import type { RecordedRun } from "../../history/read-run.js";
import type { GuardedMemory } from "../../memory/memory.js";
import type { Settings } from "../../settings/schema.js";
import type { Snapshots } from "../../snapshots/recorder.js";
import type { Web } from "../../web/web.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { Code } from "../code.js";
import type { RunGoals } from "../goals.js";
import type { Models } from "../models.js";
import { createRunSummarizer } from "../web.js";
import { createAskUser, type AskUserRequest } from "./questions/ask-user.js";
import { checkCompletion } from "./completion.js";
import type { GivenAnswers } from "./questions/given-answers.js";
import { fittingIn } from "./presentable.js";
import { createRunSubagents } from "./subagents.js";
import type { RunContext } from "./taint.js";

export type CommandContextParts = {
  request: AskUserRequest & {
    run: string;
    settings: Settings;
    recorded: RecordedRun | null;
    onOutput?: ((text: string) => void) | undefined;
  };
  commands: readonly Command[];
  workspace: Workspace;
  code: Code;
  emit: Emit;
  mask: Mask;
  given: GivenAnswers;
  models: Models;
  memory: GuardedMemory;
  web: Web;
  snapshots: Pick<Snapshots, "looksThrough">;
  skills: Skills | null;
  tape: Tape | null;
  goals: Pick<RunGoals, "judge">;
};

/** What the commands of a run may use, in each of its steps. */
export function commandContext({
  request,
  commands,
  workspace,
  code,
  emit,
  mask,
  given,
  models,
  memory,
  web,
  goals,
  snapshots,
  skills,
  tape,
}: CommandContextParts): RunContext {
  const { run, recorded } = request;
  const { smart, fast, images } = models;
  const { imageSize } = request.settings;
  return {
    web,
    summarize: createRunSummarizer(fast, request.settings),
    skills,
    images: images && (async (prompt, call) => (await images.send({ prompt, size: imageSize, ...call })).bytes),
    newName: () => tape?.reading<string | null>("new-name", randomUUID) ?? randomUUID(),
    run,
    workspace,
    code: {
      ...code.context,
      onOutput: request.onOutput,
      // One walk through the workspace tells what a program has changed, and not two.
      printOfWorkspace: async () => (snapshots.looksThrough() ? null : code.context.printOfWorkspace()),
    },
    timeLimits: usualTimeLimits,
    memory,
    askUser: createAskUser(request, { emit, mask, given }),
    models: { smart: smart.model, fast: fast.model },
    subagents: createRunSubagents(recorded, commands, models, emit),
    fitting: fittingIn(smart),
    checkGoals: () => checkCompletion(code.context.jobs, () => goals.judge(true)),
  };
}
