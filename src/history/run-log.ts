import { commandLine } from "../base/process/command-line.js";
import { join } from "node:path";
import { RunError, messageOf } from "../errors.js";
import { openJsonLines } from "../storage/json-lines.js";
import { checkpointing } from "./checkpoint/checkpointing.js";
import type { CheckpointOptions } from "./checkpoint/write-checkpoints.js";
import type { JournalEvent } from "./events.js";
import type { Replica } from "./lock/replica.js";

/**
 * Events that must survive a power cut before the run goes on: what is about to be done. What stands before one of them is on disk
 * with it, so what came of a step is there before anything else is done.
 */
const durable: ReadonlySet<JournalEvent["type"]> = new Set([
  "model-requested",
  "model-waiting",
  "command-parked",
  "command-answered",
  "user-answered",
  "answer-given",
  "command-start",
  "run-end",
]);

/** Whether an event of this type is on disk before anything is written behind it, but for others of these types that came with it. */
export const isSyncedType = (type: unknown): boolean => durable.has(type as JournalEvent["type"]);

export const journalFile = (runDirectory: string): string => join(runDirectory, "events.jsonl");

/** Where what came into the run from outside is on record. */
export const cassetteFile = (runDirectory: string): string => join(runDirectory, "cassette.jsonl");

/** An event, and the line that it is in the journal, without its newline. */
export type JournalEntry = { event: JournalEvent; line: string };
/**
 * Writes down events that came together, in their order: all of them, or none where it throws. Where it rejects they are in the journal, but nothing
 * may be done about them.
 */
export type WriteEntries = (entries: readonly JournalEntry[]) => void | Promise<void>;

export type RunLog = { write: WriteEntries; close(): void };

export type RunLogOptions = {
  /** What follows this byte is cut off first. */
  cutAt?: number | undefined;
  /** Is asked before an act that others could see, and throws where the run is another process's by now. */
  lease?: () => void;
  /** Writes down beside it now and then what it comes to; not done unless told. */
  checkpoints?: Omit<CheckpointOptions, "runDirectory" | "journal"> | undefined;
  /** Keeps a copy, and has it before such an act. */
  replica?: Replica | undefined;
};

/** Appends events to the run's journal. One that cannot be written ends the run with reason `fault`, and so do those that came with it. */
export function openRunLog(
  runDirectory: string,
  { cutAt, lease = () => undefined, replica, checkpoints }: RunLogOptions = {},
): RunLog {
  const file = journalFile(runDirectory);
  const fail = (thrown: unknown): never => {
    throw new RunError(
      "fault",
      `The journal ${file} cannot be written: ${messageOf(thrown)}. Make room or mend the folder, then run ${commandLine("--resume")}.`,
    );
  };
  const lines = (() => {
    try {
      return openJsonLines(file, cutAt === undefined ? {} : { cutAt });
    } catch (thrown) {
      return fail(thrown);
    }
  })();
  const kept = checkpoints && checkpointing({ ...checkpoints, runDirectory, journal: file });
  let waiting: string[] = [];
  return {
    write(entries) {
      const sync = entries.some(({ event }) => durable.has(event.type));
      replica?.requireOurs();
      if (sync || entries.some(({ event }) => event.type === "step-end")) lease();
      try {
        lines.appendAll(
          entries.map(({ line }) => line),
          { sync },
        );
      } catch (thrown) {
        fail(thrown);
      }
      for (const { event, line } of entries) kept?.written(line, event);
      if (replica === undefined) return;
      waiting.push(...entries.map(({ line }) => line));
      if (!sync) return;
      const sent = waiting;
      waiting = [];
      // What may be done from here on is done by whoever has the run at that moment, and not by who had it when this was sent.
      return replica.accept(sent).then(() => replica.requireOurs());
    },
    close() {
      kept?.close();
      lines.close();
    },
  };
}
