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
 * The steps that stand at these places of a journal, the first one first, each read when something of it is asked for. Where the line is
 * not there as it was written, that throws SettingsError.
 */
export function recordedSteps(file: string, places: readonly StepPlace[]): Step[] {
  const eventAt = eventReader(file);
  return places.map(([outcome, repliedAt, repliedLength, endedAt, endedLength, reasoned], index) => {
    let ended: Pick<Step, "command" | "result"> | null = null;
    let replied: Pick<Step, "text" | "reasoning"> | null = null;
    const end = (): Pick<Step, "command" | "result"> => {
      if (ended !== null) return ended;
      const { command, result } = eventAt("step-end", endedAt, endedLength);
      return (ended = { command, result });
    };
    const reply = (): Pick<Step, "text" | "reasoning"> => {
      if (replied !== null || repliedLength === 0) return (replied ??= { text: "" });
      const { text = "", reasoning } = eventAt("model-replied", repliedAt, repliedLength);
      return (replied = { text, ...(reasoning && { reasoning }) });
    };
    const step: Step = {
      step: index + 1,
      get command() {
        return end().command;
      },
      outcome,
      get result() {
        return end().result;
      },
      get text() {
        return reply().text;
      },
    };
    if (reasoned === 1) Object.defineProperty(step, "reasoning", { enumerable: true, get: () => reply().reasoning });
    return step;
  });
}

/**
 * Makes steps of a journal's places that are read anew each time when something of them is asked for: for those that are seldom asked about.
 * Where the line is not there as it was written, that throws SettingsError.
 */
export function stepsOnDisk(file: string): (step: number, place: StepPlace) => Step {
  const eventAt = eventReader(file);
  // One is mostly asked for several things in a row.
  let last: { at: number; event: unknown } = { at: -1, event: null };
  const read: ReadEvent = (type, at, length) => {
    if (last.at !== at) last = { at, event: eventAt(type, at, length) };
    return last.event as EventOf<typeof type>;
  };
  return (step, place) => new StepOnDisk(step, place, read) as unknown as Step;
}

type ReadEvent = <Type extends JournalEvent["type"]>(type: Type, at: number, length: number) => EventOf<Type>;

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

  constructor(step: number, place: StepPlace, read: ReadEvent) {
    const [outcome, repliedAt, repliedLength, endedAt, endedLength, reasoned] = place;
    [this.step, this.outcome, this.#read] = [step, outcome, read];
    [this.#repliedAt, this.#repliedLength] = [repliedAt, repliedLength];
    [this.#endedAt, this.#endedLength] = [endedAt, endedLength];
    Object.defineProperties(this, reasoned === 1 ? StepOnDisk.#withReasoning : StepOnDisk.#shown);
  }

  #end(): EventOf<"step-end"> {
    return this.#read("step-end", this.#endedAt, this.#endedLength);
  }

  #reply(): Pick<EventOf<"model-replied">, "text" | "reasoning"> {
    if (this.#repliedLength === 0) return { text: "" };
    return this.#read("model-replied", this.#repliedAt, this.#repliedLength);
  }

  static readonly #shown = {
    command: shownBy((step) => step.#end().command),
    result: shownBy((step) => step.#end().result),
    text: shownBy((step) => step.#reply().text ?? ""),
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

function eventReader(file: string) {
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
