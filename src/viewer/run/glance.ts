import { open, type FileHandle } from "node:fs/promises";
import { visitLineSpans } from "../../storage/json-lines.js";
import type { JournalEvent } from "../../history/events.js";
import type { Overview, StepRow } from "../shapes.js";
import { eventIn, statFile } from "./journal-tail.js";
import { createRunView, type StateWords } from "./run-view.js";
import { createStepRows, stepOf } from "./step-rows.js";

/** What a look at a journal's first line and its end tells, however long it is. */
export interface Glance {
  /** Null where the journal does not begin with a run's start. `reading` is 0 where it was not read as a whole. */
  overview(running: boolean, words: StateWords): Overview | null;
  /** The newest steps whose events were all read. */
  rows: readonly StepRow[];
}

/** How much of a journal's end is read; more, four times as much at a time, where that does not hold a whole step. */
const endBytes = 256 << 10;
const mostEndBytes = 16 << 20;
/** The longest first line. */
const mostFirstBytes = 4 << 20;

/**
 * Reads the first line of a journal and its end. Of what stands between them nothing is known: neither what was changed when the
 * run was resumed there, nor what each model took. Rejects with the system's error where the file cannot be read, and as statFile does.
 */
export async function glanceAt(file: string): Promise<Glance> {
  const { size } = await statFile(file);
  const handle = await open(file, "r");
  try {
    for (let bytes = endBytes; ; bytes *= 4) {
      const from = Math.max(0, size - bytes);
      const events = await eventsFrom(handle, from);
      const firstStep = from === 0 ? 1 : wholeStepIn(events);
      if (firstStep === null && bytes < mostEndBytes) continue;
      const first = from === 0 ? [] : await firstEvent(handle);
      return glanceOf(first, events, { firstStep: firstStep ?? 1, isWhole: from === 0 });
    }
  } finally {
    await handle.close();
  }
}

function glanceOf(
  first: readonly JournalEvent[],
  events: readonly JournalEvent[],
  { firstStep, isWhole }: { firstStep: number; isWhole: boolean },
): Glance {
  const view = createRunView();
  const rows = createStepRows(firstStep);
  let steps = 0;
  for (const event of [...first, ...events]) {
    try {
      view.follow(event);
      rows.follow(event);
    } catch {
      // Whoever reads the whole journal says which events cannot be shown.
    }
    if (event.type === "step-end") {
      steps = event.step;
      if (!isWhole) view.usedSoFar(event.totals);
    } else if (event.type === "run-end") steps = event.steps;
  }
  return {
    rows: rows.rows,
    overview(running, words) {
      const overview = view.overview(running, words);
      return overview === null || isWhole ? overview : { ...overview, steps, reading: 0 };
    },
  };
}

/** The events of the whole lines from this byte on; the line that it lies in is left out. */
async function eventsFrom(handle: FileHandle, from: number): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  let isCut = from > 0;
  await visitLineSpans(handle, from, (bytes, start, end) => {
    const event = isCut ? null : eventIn(bytes.subarray(start, end));
    isCut = false;
    if (event !== null) events.push(event);
  });
  return events;
}

async function firstEvent(handle: FileHandle): Promise<JournalEvent[]> {
  for (let bytes = 64 << 10; bytes <= mostFirstBytes; bytes *= 4) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    const end = buffer.subarray(0, bytesRead).indexOf("\n");
    if (end === -1) continue;
    const event = eventIn(buffer.subarray(0, end));
    return event === null ? [] : [event];
  }
  return [];
}

/** The first step all of whose events are among these: its first one comes after one of another step. */
function wholeStepIn(events: readonly JournalEvent[]): number | null {
  let before: number | null = null;
  for (const event of events) {
    const step = stepOf(event);
    if (step === null) continue;
    if (before !== null && step > before) return step;
    before = step;
  }
  return null;
}
