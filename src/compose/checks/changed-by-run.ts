import type { Command } from "../../commands/command.js";
import { commandMap } from "../../commands/index.js";
import { mayTouch } from "../../commands/prepare.js";
import { changedBy } from "../../history/changed-files.js";
import type { RecordedRun } from "../../history/read-run.js";
import { fitting } from "../../protection/protection.js";
import { historyOf } from "../../snapshots/history.js";
import { readSnapshotLog } from "../../snapshots/log.js";

/**
 * Whether a run may have made or changed a file, or one that fits a pattern, by what is recorded of its steps. Where one of them may
 * have changed something that is not recorded, it may have changed anything.
 */
export async function changedByRun(
  home: string,
  recorded: Pick<RecordedRun, "run" | "steps" | "open" | "end">,
  commands: readonly Command[],
): Promise<(file: string) => boolean> {
  const log = await readSnapshotLog(home, recorded.run).catch(() => null);
  const { changes, steps: looked, open } = historyOf(log?.lines ?? []);
  const known = commandMap(commands);
  const writing = recorded.steps.filter(({ command, outcome }) => {
    if (command === null || (outcome !== "ran" && outcome !== "unfinished")) return false;
    const found = known.get(command.name);
    return found === undefined || mayTouch(found, command.args);
  });
  const wasKilled =
    open !== null || (recorded.open?.started ?? null) !== null || (recorded.end === null && writing.length > 0);
  if (wasKilled || !writing.every(({ step }) => looked.has(step))) return () => true;
  const { created, changed, deleted, more = 0 } = changedBy(recorded.steps);
  if (more > 0) return () => true;
  const paths = [
    ...changes.filter(({ by }) => by === "run").map(({ path }) => path),
    ...created,
    ...changed,
    ...deleted,
  ];
  return (file) => {
    const fits = fitting([file]);
    return paths.some((path) => fits(path) || file === path || file.startsWith(`${path}/`));
  };
}
