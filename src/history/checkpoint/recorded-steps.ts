import { closeSync, openSync, readSync } from "node:fs";
import { parseJson } from "../../base/json.js";
import { messageOf, SettingsError } from "../../errors.js";
import { lookAtSum } from "../../storage/line-sum.js";
import type { JournalEvent, Step } from "../events.js";
import type { StepPlace } from "../fold/position.js";

/** How much is read at a time: steps that are asked for one after the other lie one behind the other. */
const chunkBytes = 256 * 1024;

type EventOf<Type> = Extract<JournalEvent, { type: Type }>;

/**
 * The steps that stand at these places of a journal, the first one first, each read when something of it is asked for, and kept from then
 * on until it is left to the journal (`leaveToJournal`). Where the line is not there as it was written, that throws SettingsError.
 */
export function recordedSteps(file: string, places: readonly StepPlace[]): Step[] {
  const read = lastEventKept(eventReader(file));
  return places.map((place, index) => new StepOnDisk(index + 1, place, read, nothingYet) as unknown as Step);
}

/**
 * Makes steps of a journal's places that are read anew each time when something of them is asked for: for those that are seldom asked about.
 * Where the line is not there as it was written, that throws SettingsError.
 */
export function stepsOnDisk(file: string): (step: number, place: StepPlace) => Step {
  const read = lastEventKept(eventReader(file));
  return (step, place) => new StepOnDisk(step, place, read, null) as unknown as Step;
}

/** Lets go of what was read of a step of `recordedSteps`, which is read anew each time from now on. Of any other step there is nothing to let go of. */
export function leaveToJournal(step: Step): void {
  StepOnDisk.forget(step);
}

type ReadEvent = <Type extends JournalEvent["type"]>(type: Type, at: number, length: number) => EventOf<Type>;
type Ended = Pick<Step, "command" | "result">;
type Replied = Pick<Step, "text" | "reasoning">;
/** What was read of a step. */
type Kept = { readonly ended?: Ended; readonly replied?: Replied };

/** One for all of which nothing was read. */
const nothingYet: Kept = {};

/** What it shows are properties of its own, as those of any step, so that a copy has them too. */
class StepOnDisk {
  readonly step: number;
  readonly outcome: Step["outcome"];
  // A list would take twice as much as these, for each step of the run.
  readonly #repliedAt: number;
  readonly #repliedLength: number;
  readonly #endedAt: number;
  readonly #endedLength: number;
  readonly #read: ReadEvent;
  /** null: nothing is kept. */
  #kept: Kept | null;

  constructor(step: number, place: StepPlace, read: ReadEvent, kept: Kept | null) {
    const [outcome, repliedAt, repliedLength, endedAt, endedLength, reasoned] = place;
    [this.step, this.outcome, this.#read, this.#kept] = [step, outcome, read, kept];
    [this.#repliedAt, this.#repliedLength] = [repliedAt, repliedLength];
    [this.#endedAt, this.#endedLength] = [endedAt, endedLength];
    Object.defineProperties(this, reasoned === 1 ? StepOnDisk.#withReasoning : StepOnDisk.#shown);
  }

  static forget(step: object): void {
    if (#kept in step) step.#kept = null;
  }

  #end(): Ended {
    if (this.#kept?.ended) return this.#kept.ended;
    const { command, result } = this.#read("step-end", this.#endedAt, this.#endedLength);
    const ended: Ended = { command, result };
    if (this.#kept !== null) this.#kept = { ...this.#kept, ended };
    return ended;
  }

  #reply(): Replied {
    if (this.#repliedLength === 0) return { text: "" };
    if (this.#kept?.replied) return this.#kept.replied;
    const { text = "", reasoning } = this.#read("model-replied", this.#repliedAt, this.#repliedLength);
    const replied: Replied = { text, ...(reasoning && { reasoning }) };
    if (this.#kept !== null) this.#kept = { ...this.#kept, replied };
    return replied;
  }

  static readonly #shown = {
    command: shownBy((step) => step.#end().command),
    result: shownBy((step) => step.#end().result),
    text: shownBy((step) => step.#reply().text),
  };
  static readonly #withReasoning = { ...this.#shown, reasoning: shownBy((step) => step.#reply().reasoning) };
}

/** One function for all of them. */
function shownBy(get: (step: StepOnDisk) => unknown): PropertyDescriptor & ThisType<StepOnDisk> {
  return {
    enumerable: true,
    get() {
      return get(this);
    },
  };
}

/** A step is mostly asked for several things in a row. */
function lastEventKept(eventAt: ReadEvent): ReadEvent {
  let last: { at: number; event: unknown } = { at: -1, event: null };
  return (type, at, length) => {
    if (last.at !== at) last = { at, event: eventAt(type, at, length) };
    return last.event as EventOf<typeof type>;
  };
}

function eventReader(file: string): ReadEvent {
  let room = Buffer.alloc(0);
  let chunk: { at: number; bytes: Buffer } = { at: 0, bytes: room };
  const lineAt = (at: number, length: number): Buffer => {
    if (at < chunk.at || at + length > chunk.at + chunk.bytes.length) {
      // One for all, as long as it is large enough: a look over all steps would leave as much behind as the journal has.
      if (room.length < Math.max(length, chunkBytes)) room = Buffer.allocUnsafe(Math.max(length, chunkBytes));
      // Where it cannot be read, nothing is known of what the room holds.
      chunk = { at, bytes: room.subarray(0, 0) };
      chunk = { at, bytes: readAt(file, at, room) };
    }
    return chunk.bytes.subarray(at - chunk.at, at - chunk.at + length);
  };
  return <Type extends JournalEvent["type"]>(type: Type, at: number, length: number): EventOf<Type> => {
    const bytes = lineAt(at, length);
    const event = lookAtSum(bytes) === "wrong" ? undefined : parseJson(bytes.toString("utf8"));
    if ((event as JournalEvent | undefined)?.type === type) return event as EventOf<Type>;
    throw changedMeanwhile(file, `byte ${at} holds another line`);
  };
}

/** As many bytes from there as there is room for, where the file has them. */
function readAt(file: string, at: number, room: Buffer): Buffer {
  try {
    const descriptor = openSync(file, "r");
    try {
      return room.subarray(0, readSync(descriptor, room, 0, room.length, at));
    } finally {
      closeSync(descriptor);
    }
  } catch (thrown) {
    throw changedMeanwhile(file, messageOf(thrown), thrown);
  }
}

const changedMeanwhile = (file: string, problem: string, cause?: unknown): SettingsError =>
  new SettingsError(
    `${file} was changed while the run went on: ${problem}. Put it back, and run it again with --resume.`,
    { cause },
  );
