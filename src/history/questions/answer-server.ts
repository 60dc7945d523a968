import { randomBytes } from "node:crypto";
import { validateJson } from "../../base/json-schema/validate-json.js";
import type { Mask } from "../../base/mask.js";
import { commandLine } from "../../base/process/command-line.js";
import { SettingsError } from "../../errors.js";
import { lockRun } from "../lock/run-lock.js";
import { readRunNamed, type RecordedRun } from "../read-run.js";
import { isCompleted } from "../resume.js";
import { lockHolderOf, runDirectory, runsDirectory } from "../runs.js";
import { addEvent } from "./add-event.js";
import { shownDigits } from "./digest.js";
import { readServerAnswers, writeServerAnswers } from "./server-answers.js";
import { isAsAsked, unansweredOf, type ServerQuestion } from "./server-questions.js";

/** A run that has parked with questions of servers which nobody has answered. */
export type AskedRun = { recorded: RecordedRun; questions: readonly ServerQuestion[] };

/** Reads what servers have asked in this run and wait to be answered. Throws SettingsError where nothing does, which it says. */
export async function readServerQuestions(home: string, run: string): Promise<AskedRun> {
  const holder = lockHolderOf(home, run);
  if (holder !== null) throw new SettingsError(goingOn(run, holder));
  const recorded = await readRunNamed(runsDirectory(home), run);
  const questions = isCompleted(recorded) ? [] : unansweredOf(recorded.serverQuestions);
  if (questions.length > 0) return { recorded, questions };
  const [last] = recorded.serverQuestions.waiting.slice(-1);
  if (last !== undefined && !isCompleted(recorded)) throw new SettingsError(answeredBefore(run, last));
  throw new SettingsError(
    `No server waits for an answer in the run ${run}. ${commandLine("questions")} lists what runs wait for.`,
  );
}

/** The question of these that an id, or the beginning of one, names. Throws SettingsError, which names those that there are. */
export function questionNamed(run: string, waiting: readonly ServerQuestion[], id: string): ServerQuestion {
  const asked = id.trim().toLowerCase();
  const found = asked.length < shownDigits ? undefined : waiting.find(({ question }) => question.startsWith(asked));
  if (found !== undefined) return found;
  const ids = waiting.map(({ question }) => question.slice(0, shownDigits)).join(", ");
  throw new SettingsError(
    `${JSON.stringify(id.slice(0, 80))} is no question of a server in the run ${run}, so nothing was answered. It waits with ${ids}: at least ${shownDigits} digits name one.`,
  );
}

/** What the user does with a question; `values`: what they entered, by the names of the fields. */
export type ServerReply =
  { reply: "answered"; values: Readonly<Record<string, unknown>> } | { reply: "declined" | "dismissed" };

/**
 * Answers this very question of a run that no process works on. What was entered lies in a file of the run's folder that the user alone
 * can read, until the server that asks the same again gets it; the journal says that it was answered. Both are on disk when this resolves.
 * Throws SettingsError where it does not fit what the server asks for, or somebody was quicker: then nothing is answered.
 */
export async function answerServer(
  home: string,
  { run, question }: { run: string; question: string },
  { by, ...given }: ServerReply & { by?: "agent" | undefined },
  mask: Mask,
): Promise<void> {
  const directory = runDirectory(home, run);
  const lock = lockRun(directory);
  if (!lock.taken) throw new SettingsError(goingOn(run, lock.pid));
  try {
    const recorded = await readRunNamed(runsDirectory(home), run);
    const asked = questionNow(recorded, question);
    const values = given.reply === "answered" ? given.values : null;
    if (values !== null) await requireFitting(run, asked, values);
    const id = randomBytes(8).toString("hex");
    if (values !== null) {
      const { unused } = recorded.serverQuestions;
      // What the journal does not know was written before a kill, or has been given.
      const others = (await readServerAnswers(directory)).filter((one) => unused.has(one.id));
      await writeServerAnswers(directory, [...others, { id, question, values: { ...values } }]);
    }
    const { step } = asked;
    const who = by === undefined ? {} : { by };
    await addEvent(
      directory,
      recorded,
      { type: "user-answered", step, question, id, reply: given.reply, ...who },
      mask,
    );
  } finally {
    lock.release();
  }
}

function questionNow(recorded: RecordedRun, question: string): ServerQuestion {
  const { run, serverQuestions } = recorded;
  const same = serverQuestions.waiting.filter((one) => one.question === question);
  const [open] = same.filter(({ answer }) => answer === null);
  if (open !== undefined && !isAsAsked(open))
    throw new SettingsError(
      `What a server asks is not the same any more in the journal of the run ${run}: somebody has changed it, so nothing was answered.`,
    );
  if (open !== undefined && !isCompleted(recorded)) return open;
  const [answered] = same;
  if (answered !== undefined && !isCompleted(recorded)) throw new SettingsError(answeredBefore(run, answered));
  throw new SettingsError(`The run ${run} does not wait with this question any more, so nothing was answered.`);
}

async function requireFitting(
  run: string,
  { schema, address, fields }: ServerQuestion,
  values: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (address !== null && Object.keys(values).length > 0)
    throw new SettingsError(
      "The server wants something to be done at an address, and takes no values: leave them out.",
    );
  if (address !== null) return;
  if (schema === null)
    throw new SettingsError(
      `The server's form is too long to be kept, so it cannot be answered here. ${commandLine(`--resume ${run} --on-approval ask`)} lets you, when the AI calls the tool again.`,
    );
  const problem = await validateJson(JSON.stringify(values), JSON.stringify(schema));
  if (problem === null) return;
  throw new SettingsError(
    `The answer does not fit what the server asks for: ${problem}. Nothing was answered. Its fields are ${fields.join(", ")}.`,
  );
}

const goingOn = (run: string, holder: number): string =>
  `The run ${run} is going on, in process ${holder}: what a server asks now is answered there.`;

function answeredBefore(run: string, { answer }: ServerQuestion): string {
  return (
    `What the server asks in the run ${run} has been answered before: it was ${answer?.reply} at ${answer?.time}, and the first answer ` +
    `counts. ${commandLine(`--resume ${run}`)} goes on with it.`
  );
}
