import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { isObject, parseJson } from "../../base/json.js";
import { lookAtSum } from "../../storage/line-sum.js";
import { packageFacts } from "../../version.js";
import { followPlaces, type JournalPosition, type StepPlace } from "../fold/position.js";
import { foldRun, type RecordedRun } from "../fold/run-fold.js";
import type { Step } from "../events.js";
import { readEvents } from "../read-events.js";
import { journalFile } from "../run-log.js";
import { crcOfFile } from "./crc.js";
import {
  checkpointFile,
  formatOfCheckpoints,
  placesFile,
  plainState,
  stateOf,
  type WrittenCheckpoint,
} from "./format.js";
import { recordedSteps } from "./recorded-steps.js";

/**
 * A run that is to go on, as its journal tells it: the same as `readRun` gives. Where a checkpoint of this version fits the journal, byte
 * for byte, only what stands behind it is read, and the steps before it when they are asked for. Throws as `readRun` does.
 */
export async function readRunToGoOn(runDirectory: string): Promise<RecordedRun> {
  const file = journalFile(runDirectory);
  const kept = readCheckpoint(runDirectory);
  const before = kept?.places ?? [];
  const steps: Step[] = recordedSteps(file, before);
  const read = await readEvents(file, {
    behind: kept && { bytes: kept.bytes, lines: kept.lines, events: kept.state.lastSeq, steps: before.length },
  });
  const unplaced: StepPlace[] = [];
  const places = followPlaces(kept?.replied);
  const fold = foldRun((step, hasReply) => {
    steps.push(step);
    unplaced.push(places.ofStep(step, hasReply));
  }, kept?.state);
  for (const [index, event] of read.events.entries()) {
    places.line(event, read.places[index]);
    fold.add(event);
  }
  const position: JournalPosition = {
    ...{ bytes: read.validBytes, lines: read.lines, written: kept?.bytes ?? 0 },
    crc: crcOfFile(file, kept?.bytes ?? 0, read.validBytes, kept?.crc) ?? 0,
    state: JSON.stringify(plainState(fold.state())),
    ...{
      replied: places.replied(),
      unplaced,
      placed: kept?.placed ?? { bytes: 0, crc: 0 },
      window: kept?.window ?? null,
    },
  };
  return { ...fold.run(steps, read.validBytes), position };
}

type Checkpoint = Omit<WrittenCheckpoint, "state"> & { state: ReturnType<typeof stateOf>; places: StepPlace[] };

/** The checkpoint of a run; null where there is none, or it is not of this version, or what it was made of is not as it was. */
function readCheckpoint(runDirectory: string): Checkpoint | null {
  try {
    const bytes = readFileSync(checkpointFile(runDirectory));
    if (lookAtSum(bytes, 0, bytes.length - 1) !== "right") return null;
    const kept = parseJson(bytes.toString("utf8")) as WrittenCheckpoint;
    if (!isObject(kept) || kept.format !== formatOfCheckpoints) return null;
    if (kept.version !== packageFacts().version) return null;
    const placed = readFileSync(placesFile(runDirectory)).subarray(0, kept.placed.bytes);
    if (placed.length !== kept.placed.bytes || crc32(placed) !== kept.placed.crc) return null;
    if (crcOfFile(journalFile(runDirectory), 0, kept.bytes) !== kept.crc) return null;
    const places = JSON.parse(`[${placed.toString("latin1").trimEnd().replaceAll("\n", ",")}]`) as StepPlace[];
    return { ...kept, state: stateOf(JSON.stringify(kept.state)), places };
  } catch {
    // What cannot be read, or was made by something else, is made again from the journal.
    return null;
  }
}
