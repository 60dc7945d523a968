import { historyOf } from "./history.js";
import { readSnapshotLog } from "./log.js";

/** After which step the workspace stands, where later steps of the run are undone; null where nothing is undone. */
export async function undonePosition(home: string, run: string): Promise<number | null> {
  const { lines } = await readSnapshotLog(home, run);
  return historyOf(lines).position;
}
