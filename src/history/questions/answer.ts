import type { Mask } from "../../base/mask.js";
import { commandLine } from "../../base/process/command-line.js";
import { SettingsError } from "../../errors.js";
import { createEmitter } from "../emit.js";
import type { AgentEvent } from "../events.js";
import { readRunNamed, type RecordedRun } from "../read-run.js";
import { isCompleted } from "../resume.js";
import { openRunLog } from "../run-log.js";
import { lockRun } from "../lock/run-lock.js";
import { lockHolderOf, runDirectory, runsDirectory } from "../runs.js";
import { questionOf } from "./digest.js";
import type { Answer, ParkedQuestion } from "./parked.js";

/** A run that has ended for a question which nobody has answered yet. */
export type WaitingRun = { recorded: RecordedRun; parked: ParkedQuestion };

/**
 * Reads the question that this run waits for. Throws SettingsError where it waits for none, is going on, or has been
 * answered before, which it says.
 */
export async function readQuestion(home: string, run: string): Promise<WaitingRun> {
  const holder = lockHolderOf(home, run);
  if (holder !== null) throw new SettingsError(goingOn(run, holder));
  return questionIn(await readRunNamed(runsDirectory(home), run));
}

function questionIn(recorded: RecordedRun): WaitingRun {
  const { run, parked } = recorded;
  if (parked === null || isCompleted(recorded))
    throw new SettingsError(`The run ${run} waits for no answer. ${commandLine("questions")} lists those that do.`);
  if (questionOf(parked) !== parked.question)
    throw new SettingsError(
      `The question in the journal of the run ${run} is not the one that was asked: somebody has changed it. ` +
        `${commandLine(`--resume ${run}`)} asks it again.`,
    );
  if (parked.answer === null) return { recorded, parked };
  const said = parked.answer.answer === "run" ? "approved" : "denied";
  throw new SettingsError(
    `The question of the run ${run} has been answered before: it was ${said} at ${parked.answer.time}, and the first answer ` +
      `counts. ${commandLine(`--resume ${run}`)} goes on with it.`,
  );
}

const goingOn = (run: string, holder: number): string =>
  `The run ${run} is going on, in process ${holder}: what it asks is answered there.`;

/** What is said to a question, as the journal keeps it. */
export type GivenAnswer = Pick<Answer, "answer" | "args" | "shown" | "text" | "by">;

/**
 * Writes an answer to this very question into the journal of its run; it is on disk when this resolves. Throws
 * SettingsError where somebody else was quicker, or the run asks something else by now: then nothing is written.
 */
export async function answerQuestion(
  home: string,
  { run, question }: { run: string; question: string },
  given: GivenAnswer,
  mask: Mask,
): Promise<void> {
  const directory = runDirectory(home, run);
  const lock = lockRun(directory);
  if (!lock.taken) throw new SettingsError(goingOn(run, lock.pid));
  try {
    const { recorded, parked } = questionIn(await readRunNamed(runsDirectory(home), run));
    if (parked.question !== question)
      throw new SettingsError(
        `The run ${run} asks something else by now, so nothing was answered. Look at it again: ${commandLine(`approve ${run}`)}`,
      );
    const log = openRunLog(directory, recorded.validBytes);
    try {
      const emit = createEmitter({
        nextSeq: recorded.lastSeq + 1,
        mask,
        elapsedMs: () => recorded.durationMs,
        listeners: [log.listener],
      });
      const event: AgentEvent = { type: "command-answered", step: parked.step, question, ...given };
      await emit(event);
    } finally {
      log.close();
    }
  } finally {
    lock.release();
  }
}
