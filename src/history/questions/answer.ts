import type { Mask } from "../../base/mask.js";
import { commandLine } from "../../base/process/command-line.js";
import { SettingsError } from "../../errors.js";
import { readRunNamed, type RecordedRun } from "../read-run.js";
import { isCompleted } from "../resume.js";
import { lockRun } from "../lock/run-lock.js";
import { lockHolderOf, runDirectory, runsDirectory } from "../runs.js";
import { addEvent } from "./add-event.js";
import { questionOf } from "./digest.js";
import { answerLive } from "./answers-file.js";
import type { Answer, ParkedQuestion } from "./parked.js";
import { unansweredOf } from "./server-questions.js";

/**
 * A run with a question which nobody has answered yet: it has ended for it, or waits with it at its terminal, in the process `live`.
 */
export type WaitingRun = { recorded: RecordedRun; parked: ParkedQuestion; live: number | null };

/**
 * Reads the question that this run waits for. Throws SettingsError where it waits for none, or has been answered before,
 * which it says.
 */
export async function readQuestion(home: string, run: string): Promise<WaitingRun> {
  // Asked first: a run that begins to wait meanwhile is read as one that goes on.
  const holder = lockHolderOf(home, run);
  return questionIn(await readRunNamed(runsDirectory(home), run), holder);
}

function questionIn(recorded: RecordedRun, holder: number | null): WaitingRun {
  const { run, parked, asked } = recorded;
  if (holder !== null) {
    if (asked === null) throw new SettingsError(goingOn(run, holder));
    return { recorded, parked: asked, live: holder };
  }
  if (parked === null || isCompleted(recorded))
    throw new SettingsError(`The run ${run} waits for no answer. ${commandLine("questions")} lists those that do.`);
  if (questionOf(parked) !== parked.question)
    throw new SettingsError(
      `The question in the journal of the run ${run} is not the one that was asked: somebody has changed it. ` +
        `${commandLine(`--resume ${run}`)} asks it again.`,
    );
  if (parked.answer === null) return { recorded, parked, live: null };
  const said = parked.answer.answer === "run" ? "approved" : "denied";
  throw new SettingsError(
    `The question of the run ${run} has been answered before: it was ${said} at ${parked.answer.time}, and the first answer ` +
      `counts. ${commandLine(`--resume ${run}`)} goes on with it.`,
  );
}

/** How many questions a run has ended with that nobody has answered, of commands and of servers. */
export const openQuestionsOf = ({ parked, serverQuestions }: RecordedRun): number =>
  (parked !== null && parked.answer === null ? 1 : 0) + unansweredOf(serverQuestions).length;

const goingOn = (run: string, holder: number): string =>
  `The run ${run} is going on, in process ${holder}, and asks nothing at the moment.`;

/** What is said to a question, as the journal keeps it. */
export type GivenAnswer = Pick<Answer, "args" | "shown" | "text" | "by"> & { answer: "run" | "deny" };

/** Where an answer is by now: in the journal, or handed to this process, where the person at its terminal may have been quicker. */
export type Answered = { handedTo: number | null };

/**
 * Answers this very question: into the journal of its run, or by the process that waits with it. It is on disk when this
 * resolves. Throws SettingsError where somebody else was quicker, or the run asks something else by now: then nothing is written.
 */
export async function answerQuestion(
  home: string,
  { run, question }: { run: string; question: string },
  given: GivenAnswer,
  mask: Mask,
): Promise<Answered> {
  const directory = runDirectory(home, run);
  const lock = lockRun(directory);
  if (!lock.taken) return handOver(home, run, { question, holder: lock.pid }, mask(given));
  try {
    const { recorded, parked } = questionIn(await readRunNamed(runsDirectory(home), run), null);
    if (parked.question !== question) throw new SettingsError(asksOther(run));
    const event = { type: "command-answered" as const, step: parked.step, question, ...given };
    await addEvent(directory, recorded, event, mask);
    return { handedTo: null };
  } finally {
    lock.release();
  }
}

/** Gives an answer to the process that waits for one. */
async function handOver(
  home: string,
  run: string,
  { question, holder }: { question: string; holder: number },
  given: GivenAnswer,
): Promise<Answered> {
  const { parked } = questionIn(await readRunNamed(runsDirectory(home), run), holder);
  if (parked.question !== question) throw new SettingsError(asksOther(run));
  if (given.by !== undefined)
    throw new SettingsError(
      `The run ${run} asks a person at its terminal, in process ${holder}: it is answered there.`,
    );
  if (given.args !== undefined)
    throw new SettingsError(`The run ${run} waits at its terminal, in process ${holder}: arguments are changed there.`);
  const { answer, text } = given;
  const asking = { step: parked.step, question };
  await answerLive(runDirectory(home, run), asking, { answer, ...(text !== undefined && { text }) }, new Date());
  return { handedTo: holder };
}

const asksOther = (run: string): string =>
  `The run ${run} asks something else by now, so nothing was answered. Look at it again: ${commandLine(`approve ${run}`)}`;
