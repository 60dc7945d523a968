import { commandLine } from "../../base/process/command-line.js";
import { counted } from "../../base/text.js";
import { SettingsError } from "../../errors.js";
import type { LoadedSettings } from "../../settings/load.js";
import { netChanges } from "../../snapshots/net-changes.js";
import { momentInWords } from "../../console/text/words.js";
import { unifiedChange } from "../../snapshots/unified-change.js";
import { withKeptRun, type KeptRun } from "../../compose/kept-run.js";

export type DiffOptions = { run: string | null; step: number | undefined; cwd: string };

/** `autogpt diff`: what a run, or one step of it, changed, as a unified diff; "" where nothing differs. */
export async function diff(loaded: LoadedSettings, { run, step, cwd }: DiffOptions): Promise<string> {
  return withKeptRun(loaded, cwd, run, async (kept) => {
    const changes = netChanges(kept.history, step);
    if (step !== undefined && changes.length === 0) throw new SettingsError(noSuchChange(kept, step));
    const parts: string[] = [];
    for (const change of changes) parts.push(await unifiedChange(change, kept.objects));
    return undoneRemark(kept, step) + parts.filter((part) => part !== "").join("");
  });
}

/** That the workspace is not as the diff leaves it, as a remark that patch and git apply pass over; "" where it is. */
function undoneRemark({ run, history: { position }, recorded }: KeptRun, step = recorded.steps.length): string {
  if (position === null || position >= step) return "";
  const last = recorded.steps.length;
  const place = momentInWords(position);
  return `# Undone: the workspace is as it was ${place}; ${commandLine(`undo ${run} --to ${last}`)} puts all back.\n`;
}

const noSuchChange = ({ run, recorded }: KeptRun, step: number): string =>
  step > recorded.steps.length
    ? `The run ${run} has ${counted(recorded.steps.length, "step")}, so there is no step ${step}.`
    : `Step ${step} of the run ${run} changed nothing in the workspace.`;
