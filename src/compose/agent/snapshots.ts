import { secretFinder } from "../../base/mask.js";
import type { Settings } from "../../settings/schema.js";
import { createSnapshots, noSnapshots, type Snapshots } from "../../snapshots/recorder.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { Code } from "../code.js";

type SnapshotsRequest = {
  settings: Settings;
  run: string;
  workspace: Workspace;
  code: Code;
  secrets: readonly string[];
  warn(text: string): void;
};

/** What keeps the files that this run changes, where the settings want it. */
export function createRunSnapshots({ settings, run, workspace, code, secrets, warn }: SnapshotsRequest): Snapshots {
  if (!settings.snapshots) return noSnapshots;
  const { root, keeper } = workspace;
  const { jobs } = code.context;
  return createSnapshots({
    home: settings.home,
    run,
    root,
    keeper,
    holdsSecret: secretFinder(secrets),
    hasJobs: () => jobs.started() > 0,
    warn,
  });
}
