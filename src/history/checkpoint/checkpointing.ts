import type { JournalEvent } from "../events.js";
import type { JournalPosition } from "../fold/position.js";
import type { Checkpoints, CheckpointOptions } from "./write-checkpoints.js";

/** Less is read as quickly as a checkpoint is. */
const leastBytes = 256 * 1024;
/** A journal grows by this many times what the last checkpoint took before there is another, so that they cost little of any run. */
const growth = 8;

/** Sees to checkpoints of a journal while it is written. */
export interface Checkpointing {
  /** Is told of each line that was written, without its newline, and what it says. */
  written(line: string, event: JournalEvent): void;
  close(): void;
}

/** A checkpoint that cannot be written is none: the journal has everything. So nothing is said of it, and no more are tried. */
export function checkpointing(options: CheckpointOptions): Checkpointing {
  let { bytes, written: last }: Pick<JournalPosition, "bytes" | "written"> = options.from ?? { bytes: 0, written: 0 };
  let most = leastBytes;
  let state: Checkpoints | "not-yet" | "begun" | "given-up" = "not-yet";
  const unlessFails = (work: (checkpoints: Checkpoints) => void): void => {
    if (typeof state === "string") return;
    try {
      work(state);
    } catch {
      state = "given-up";
    }
  };
  const write = (checkpoints: Checkpoints): void => {
    most = Math.max(leastBytes, growth * checkpoints.write());
    last = bytes;
  };
  const begin = async (): Promise<void> => {
    state = "begun";
    try {
      const { writeCheckpoints } = await import("./write-checkpoints.js");
      state = writeCheckpoints(options);
    } catch {
      state = "given-up";
    }
  };
  return {
    written(line, event) {
      bytes += Buffer.byteLength(line) + 1;
      unlessFails((checkpoints) => checkpoints.take(line, event));
      if (event.type !== "step-end" || bytes - last < most) return;
      if (state === "not-yet") void begin();
      else unlessFails(write);
    },
    close() {
      if (bytes - last >= leastBytes / 4) unlessFails(write);
    },
  };
}
