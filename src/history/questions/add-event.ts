import type { Mask } from "../../base/mask.js";
import { createEmitter } from "../emit.js";
import type { AgentEvent } from "../events.js";
import type { RecordedRun } from "../read-run.js";
import { openRunLog } from "../run-log.js";

/** Adds this event to the journal of a run whose lock the caller holds, and which has been read since. It is on disk when this resolves. */
export async function addEvent(
  runDirectory: string,
  { lastSeq, validBytes, durationMs }: Pick<RecordedRun, "lastSeq" | "validBytes" | "durationMs">,
  event: AgentEvent,
  mask: Mask,
): Promise<void> {
  const log = openRunLog(runDirectory, { cutAt: validBytes });
  try {
    const elapsedMs = (): number => durationMs;
    await createEmitter({ nextSeq: lastSeq + 1, mask, elapsedMs, write: log.write, listeners: [] })(event);
  } finally {
    log.close();
  }
}
