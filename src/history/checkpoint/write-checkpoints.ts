import {
  appendFileSync,
  closeSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { crc32 } from "node:zlib";
import { lineWithSum } from "../../storage/line-sum.js";
import { packageFacts } from "../../version.js";
import type { JournalEvent, Step } from "../events.js";
import { followPlaces, type JournalPosition, type StepPlace } from "../fold/position.js";
import { foldRun } from "../fold/run-fold.js";
import {
  checkpointFile,
  formatOfCheckpoints,
  placesFile,
  plainState,
  stateOf,
  type WrittenCheckpoint,
} from "./format.js";
import { stepsOnDisk } from "./recorded-steps.js";

export type CheckpointOptions = {
  runDirectory: string;
  journal: string;
  /** Where the journal was read to before; null: it is this process's from its first line on. */
  from: JournalPosition | null;
  /** What the context keeps of the steps. */
  window(): unknown;
  /** Is given the steps that the journal has since the last checkpoint, in their order, each read from there when something of it is asked for. */
  written?(steps: readonly Step[]): void;
};

/** Writes down now and then what a journal comes to, beside it, so that to go on it need not be read from its first line. */
export interface Checkpoints {
  /** Takes the next line of the journal, without its newline, and what it says. */
  take(line: string, event: JournalEvent): void;
  /** Writes a checkpoint. How many bytes it has; throws the system's error. */
  write(): number;
}

/** Takes in first what the journal has by now and was not read before: this process has written it. */
export function writeCheckpoints({ runDirectory, journal, from, window, written }: CheckpointOptions): Checkpoints {
  const { version } = packageFacts();
  let [bytes, lines, crc] = from === null ? [0, 0, 0] : [from.bytes, from.lines, from.crc];
  const places = followPlaces(from?.replied);
  let placed = from?.placed ?? { bytes: 0, crc: 0 };
  const onDisk = stepsOnDisk(journal);
  let unplaced: StepPlace[] = [...(from?.unplaced ?? [])];
  const fold = foldRun(
    (step, hasReply) => unplaced.push(places.ofStep(step, hasReply)),
    from === null ? null : stateOf(from.state),
  );
  const take = (line: string, event: JournalEvent): void => {
    const length = Buffer.byteLength(line);
    places.line(event, [bytes, length]);
    fold.add(event);
    bytes += length + 1;
    lines += 1;
    crc = crc32("\n", crc32(line, crc));
  };
  for (const line of wholeLinesFrom(journal, bytes)) take(line, JSON.parse(line) as JournalEvent);

  /** Behind what holds of the file there may be places of another journal, or of a checkpoint that was not finished. */
  const place = (): void => {
    const file = placesFile(runDirectory);
    const text = unplaced.map((one) => `${JSON.stringify(one)}\n`).join("");
    if (placed.bytes === 0) writeFileSync(file, text, { mode: 0o600 });
    else {
      truncateSync(file, placed.bytes);
      appendFileSync(file, text);
    }
    placed = { bytes: placed.bytes + text.length, crc: crc32(text, placed.crc) };
    const first = fold.state().finished - unplaced.length + 1;
    written?.(unplaced.map((one, index) => onDisk(first + index, one)));
    unplaced = [];
  };
  return {
    take,
    write() {
      place();
      const checkpoint: WrittenCheckpoint = {
        ...{ format: formatOfCheckpoints, version, bytes, lines, crc, replied: places.replied(), placed },
        ...{ window: window(), state: plainState(fold.state()) },
      };
      const text = `${lineWithSum(checkpoint)}\n`;
      const draft = `${checkpointFile(runDirectory)}.draft`;
      writeFileSync(draft, text, { mode: 0o600 });
      renameSync(draft, checkpointFile(runDirectory));
      return text.length;
    },
  };
}

function wholeLinesFrom(file: string, from: number): string[] {
  const descriptor = openSync(file, "r");
  try {
    const bytes = Buffer.allocUnsafe(Math.max(0, fstatSync(descriptor).size - from));
    const read = readSync(descriptor, bytes, 0, bytes.length, from);
    return bytes.toString("utf8", 0, read).split("\n").slice(0, -1);
  } finally {
    closeSync(descriptor);
  }
}
