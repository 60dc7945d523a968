import { createCircles, type Circles } from "../../agent/circles/circles.js";
import type { Agent } from "../../agent/run-agent.js";
import type { Emit } from "../../history/emit.js";
import type { RecordedRun } from "../../history/read-run.js";
import type { ChatModel } from "../../model/model.js";
import { folderDigest } from "../../sandbox/folder-digest.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { Code } from "../code.js";
import type { Models } from "../models.js";

type CirclesParts = {
  commands: Agent["commands"];
  emit: Emit;
  workspace: Workspace;
  code: Code;
  /** What an earlier part of the run did, which is looked back on, too. */
  recorded: RecordedRun | null;
};

/** What watches that a run makes headway. */
export const createRunCircles = ({ commands, emit, workspace, code, recorded }: CirclesParts): Circles =>
  createCircles({
    commands,
    emit,
    digest: () => folderDigest(workspace.root),
    isBusy: () => code.context.jobs.running() > 0,
    ...(recorded && { steps: recorded.steps, found: recorded.circles }),
  });

/** The fast model where the loop has another one and its context is as large: it may leave a circle that this one walks in. */
export const otherThan = ({ smart, fast }: Models): ChatModel | undefined =>
  fast.model.name !== smart.model.name && fast.contextTokens >= smart.contextTokens ? fast.model : undefined;
