import { sleep } from "../../../base/abort.js";
import { isObject, parseJson } from "../../../base/json.js";
import { cleanLine, counted } from "../../../base/text.js";
import { SettingsError } from "../../../errors.js";
import type { StartedRun, StartRun } from "./run-process.js";

/** The runs that this server has at work, each known by its name from the moment in which its journal has begun. */
export interface RunTable {
  /** Whether this server has it at work. */
  has(run: string): boolean;
  /**
   * Starts a run with these arguments, of a run that goes on with its name, and resolves to its name once its journal says
   * that it has begun. Throws SettingsError where as many are at work as may be, and where it does not begin, with what it
   * said. `prepare` is what has to be done before, once there is room for it; `over` is told once that nothing of it is at work any more,
   * before anybody who waits for it: its name, null where it has none.
   */
  start(args: readonly string[], known?: Known, over?: (run: string | null) => Promise<void>): Promise<string>;
  /** Waits until this run is at work no more, but no longer than so many milliseconds or than the signal lets it. */
  wait(run: string, ms: number, signal: AbortSignal, hear: (heard: Heard) => void): Promise<void>;
  /** Ends all of them, and resolves when they have ended. No more are started. */
  close(): Promise<void>;
}

/** What a run did last, in a line. */
export type Heard = { step: number; what: string };

type Known = { run: string; prepare(): Promise<void> } | null;
type Over = (run: string | null) => Promise<void>;
type AtWork = { ended: Promise<void>; listeners: Set<(heard: Heard) => void> };

const keptWords = 4_000;

export function createRunTable(startRun: StartRun, most: number): RunTable {
  const atWork = new Map<string, AtWork>();
  const started = new Set<StartedRun>();
  let taken = 0;
  let isClosed = false;
  const begun = async ({ run, listeners, name, problem }: HeardRun, isOver: Over): Promise<string> => {
    started.add(run);
    if (isClosed) run.stop();
    let known: string | null = null;
    void name.then((heard) => (known = heard));
    const over = run.ended.then(async () => {
      started.delete(run);
      await isOver(known);
      taken -= 1;
      return null;
    });
    const begunAs = await Promise.race([name, over]);
    if (begunAs === null) throw new SettingsError(`The run did not begin. ${problem()}`);
    atWork.set(begunAs, { listeners, ended: over.then(() => void atWork.delete(begunAs)) });
    return begunAs;
  };
  return {
    has: (run) => atWork.has(run),
    async start(args, known = null, over = () => Promise.resolve()) {
      if (isClosed) throw new SettingsError("This server is about to end, and starts nothing any more.");
      if (taken >= most)
        throw new SettingsError(
          `${counted(most, "run")} ${most === 1 ? "is" : "are"} at work, and no more may be at a time. Wait for one of them with run_status, and try again.`,
        );
      taken += 1;
      const heard = await prepared(startRun, args, known).catch((thrown: unknown) => {
        taken -= 1;
        throw thrown;
      });
      return begun(heard, over);
    },
    async wait(run, ms, signal, hear) {
      const entry = atWork.get(run);
      if (entry === undefined || ms <= 0 || signal.aborted) return;
      entry.listeners.add(hear);
      await endsOr(entry.ended, ms, signal);
      entry.listeners.delete(hear);
    },
    close() {
      isClosed = true;
      return stopAll(started);
    },
  };
}

async function prepared(startRun: StartRun, args: readonly string[], known: Known): Promise<HeardRun> {
  await known?.prepare();
  return heardRun(startRun, args, known?.run ?? null);
}

async function stopAll(started: ReadonlySet<StartedRun>): Promise<void> {
  for (const { stop } of started) stop();
  await Promise.all([...started].map(({ ended }) => ended));
}

type HeardRun = ReturnType<typeof heardRun>;

/** Starts a run and listens to it: `name` resolves once its journal has begun, `problem` says why it has not. */
function heardRun(startRun: StartRun, args: readonly string[], known: string | null) {
  const listeners: AtWork["listeners"] = new Set();
  let words = "";
  let end: string | null = null;
  let begin: (name: string) => void = () => undefined;
  const name = new Promise<string>((resolve) => (begin = resolve));
  const run = startRun(args, {
    event(line) {
      const event = parseJson(line);
      if (!isObject(event)) return;
      if (event["type"] === "run-start") begin(String(event["run"]));
      if (event["type"] === "run-resumed" && known !== null) begin(known);
      if (event["type"] === "run-end" && typeof event["message"] === "string") end = event["message"];
      const heard = heardOf(event);
      if (heard !== null) for (const listener of listeners) listener(heard);
    },
    words: (text) => void (words = (words + text).slice(-keptWords)),
  });
  return { run, listeners, name, problem: () => end ?? (words.trim() || "It said nothing.") };
}

/** Resolves with the work, after so many milliseconds, or when the signal is aborted. */
async function endsOr(work: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, sleep(ms, AbortSignal.any([signal, over.signal])).catch(() => undefined)]);
  over.abort();
}

function heardOf(event: Record<string, unknown>): Heard | null {
  const { type, step, command, outcome } = event;
  if (type !== "step-end" || typeof step !== "number") return null;
  const name = isObject(command) ? String(command["name"]) : "no command";
  return { step, what: cleanLine(`step ${step}: ${name}, ${String(outcome)}`, 200) };
}
