import type { Mask } from "../../base/mask.js";
import { unifiedChange } from "../../snapshots/unified-change.js";
import { historyOf } from "../../snapshots/history.js";
import { packsDirectory, readSnapshotLog } from "../../snapshots/log.js";
import { netChanges } from "../../snapshots/net-changes.js";
import { openObjects } from "../../snapshots/objects.js";
import type { StepDetail } from "../shapes.js";
import type { FollowedRun } from "./follow-run.js";

/** More of a diff is not shown at once. */
const mostDiff = 4 << 20;

export type DetailPlace = { home: string; run: string; mask: Mask };

/** All that is known of a step: what is not kept is missing, whatever the reason. */
export async function detailOf(followed: FollowedRun, step: number, place: DetailPlace): Promise<StepDetail> {
  const events = await followed.eventsOf({ step });
  const diff = await diffOf(place, step).catch(() => "");
  return { step, events, diff: place.mask(diff), sent: null };
}

/** What a step changed, as a unified diff; "" where nothing of it is kept. Takes no lock: a run that goes on adds to its snapshots. */
async function diffOf({ home, run }: DetailPlace, step: number): Promise<string> {
  const { lines } = await readSnapshotLog(home, run);
  const changes = netChanges(historyOf(lines), step);
  if (changes.length === 0) return "";
  const objects = await openObjects(packsDirectory(home), run);
  try {
    const parts: string[] = [];
    let size = 0;
    for (const change of changes) {
      if (size > mostDiff) break;
      const part = await unifiedChange(change, objects);
      parts.push(part);
      size += part.length;
    }
    return parts.join("");
  } finally {
    objects.close();
  }
}
