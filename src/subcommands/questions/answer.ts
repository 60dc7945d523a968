import { escapeText } from "../../base/escape.js";
import { isObject, parseJson } from "../../base/json.js";
import { createMask, type Mask } from "../../base/mask.js";
import { commandLine } from "../../base/process/command-line.js";
import { cleanLine, counted } from "../../base/text.js";
import type { UserReply } from "../../commands/user-question.js";
import { createUserQuestion } from "../../console/approval/user-question.js";
import { RunError, SettingsError } from "../../errors.js";
import { runNamed } from "../../history/listing/find-run.js";
import {
  answerServer,
  questionNamed,
  readServerQuestions,
  type AskedRun,
  type ServerReply,
} from "../../history/questions/answer-server.js";
import { shownDigits } from "../../history/questions/digest.js";
import type { ServerQuestion } from "../../history/questions/server-questions.js";
import { questionOf } from "../../mcp/elicitation.js";
import type { LoadedSettings } from "../../settings/load.js";
import type { Asker } from "./approve.js";
import { withPlace, type QuestionPlace } from "./place.js";
import { serversWait, waitingServers } from "./waiting.js";

export type AnswerOptions = {
  loaded: Pick<LoadedSettings, "settings" | "secrets">;
  /** The run; the only one that waits, unless told. */
  run: string | undefined;
  /** Which of its questions: the id, or the beginning of it; all of them, unless told. */
  question: string | undefined;
  /** What is answered without asking; null: the person is asked. */
  reply: { values: string } | "declined" | "dismissed" | null;
};

/**
 * `autogpt answer`: shows what servers have asked in a run that has parked for it, asks, and keeps the answer for when the server asks the
 * same again. Resolves to what was done, in a sentence. Throws SettingsError where nothing waits, nobody can be asked, or an answer does
 * not fit.
 */
export const answer = (options: AnswerOptions, asker: Asker): Promise<string> =>
  withPlace(options.loaded.settings, options.run, serversWait, (place) => answerIn(place, options, asker));

async function answerIn(
  place: QuestionPlace,
  { loaded, reply, ...given }: AnswerOptions,
  asker: Asker,
): Promise<string> {
  const mask = createMask(loaded.secrets);
  const waiting = await waitingOne(place.home, given.run);
  const { run } = waiting.recorded;
  const named = given.question;
  const asked = named === undefined ? waiting.questions : [questionNamed(run, waiting.questions, named)];
  if (reply !== null) {
    const [only, ...others] = asked;
    if (only === undefined || others.length > 0) throw new SettingsError(whichOne(run, asked));
    const said = replyOf(reply);
    await place.answering(run, (home) => answerServer(home, { run, question: only.question }, said, mask));
    const what = reply === "declined" || reply === "dismissed" ? "Said" : "Answered";
    return `${what}. ${howItGoesOn(place, run)}`;
  }
  if (!asker.lines.isTerminal) throw new SettingsError(noTerminal(run, asked, asker));
  for (const one of asked) await answerOne({ place, run, mask }, one, asker);
  return `Answered. ${howItGoesOn(place, run)}`;
}

async function waitingOne(home: string, given: string | undefined): Promise<AskedRun> {
  if (given !== undefined) return readServerQuestions(home, await runNamed(home, given));
  const [only, ...others] = await waitingServers([home]);
  if (only === undefined) throw new SettingsError(`No server waits for an answer in a run of ${home}.`);
  if (others.length === 0) return only;
  throw new SettingsError(
    `Servers wait for an answer in ${others.length + 1} runs, so say which one is meant. ${commandLine("questions")} lists them.`,
  );
}

type Answering = { place: QuestionPlace; run: string; mask: Mask };

/** Asks the person as at the run's own terminal; Ctrl-D leaves the question as it is. */
async function answerOne({ place, run, mask }: Answering, asked: ServerQuestion, asker: Asker): Promise<void> {
  const { lines, signal, print } = asker;
  const ask = createUserQuestion({ lines, note: print, mask, asking: (work) => work() });
  const reply = await ask(shownQuestion(run, asked), signal);
  if (reply.kind !== "answered" && reply.kind !== "declined")
    throw new RunError("user-stopped", "Nothing was answered; the run goes on waiting.");
  const kept = keptReply(reply);
  await place.answering(run, (home) => answerServer(home, { run, question: asked.question }, kept, mask));
}

const keptReply = (reply: Extract<UserReply, { kind: "answered" | "declined" }>): ServerReply =>
  reply.kind === "answered" ? { reply: "answered", values: reply.answers } : { reply: "declined" };

/** Throws SettingsError where its form is not known. */
function shownQuestion(run: string, { message, schema, address, command }: ServerQuestion) {
  if (address !== null) return questionOf({ mode: "url", message, url: address, elicitationId: "" }, command);
  if (schema === null)
    throw new SettingsError(
      `The form of ${command.name} is too long to be kept. ${commandLine(`answer ${run} --decline`)} says no; ` +
        `${commandLine(`--resume ${run} --on-approval ask`)} lets you answer when the AI calls the tool again.`,
    );
  return questionOf({ mode: "form", message, requestedSchema: schema as never }, command);
}

function replyOf(reply: NonNullable<AnswerOptions["reply"]>): ServerReply {
  if (reply === "declined" || reply === "dismissed") return { reply };
  const values = parseJson(reply.values);
  if (!isObject(values))
    throw new SettingsError(
      'What is answered has to be a JSON object with the values of the fields, such as {"name": "Ada"}.',
    );
  return { reply: "answered", values };
}

const howItGoesOn = (place: QuestionPlace, run: string): string =>
  `${place.goesOn(run)}: where the AI calls the tool again with the same arguments, the server gets it when it asks the same.`;

const whichOne = (run: string, asked: readonly ServerQuestion[]): string =>
  `${counted(asked.length, "question")} of servers wait in the run ${run}, so name one with --question: ${asked.map(({ question }) => question.slice(0, shownDigits)).join(", ")}.`;

/** Shows what is asked, and how to answer without a terminal. */
function noTerminal(run: string, asked: readonly ServerQuestion[], { print }: Pick<Asker, "print">): string {
  for (const one of asked) print(serverQuestionText(one));
  const id = asked[0]?.question.slice(0, shownDigits) ?? "";
  return (
    `Nothing was answered, as there is no terminal to ask on. ${commandLine(`answer ${run} --question ${id} --values -`)} takes the values of ` +
    `the fields as a JSON object from standard input; --decline says no, and --cancel that you do not answer.`
  );
}

const longestSchema = 2_000;

/** A question in lines, for a person: who asks, what, and the schema of an answer. */
export function serverQuestionText({
  question,
  step,
  command,
  message,
  schema,
  address,
  fields,
}: ServerQuestion): string {
  const form = schema === null ? `Fields: ${fields.join(", ")}` : `Schema of the answer: ${JSON.stringify(schema)}`;
  const lines = [
    `Question ${question.slice(0, shownDigits)}, asked by the server of ${command.name} in step ${step}:`,
    message,
    address === null ? cleanLine(form, longestSchema) : `It wants you to open ${address}`,
  ];
  return escapeText(lines.join("\n"));
}
