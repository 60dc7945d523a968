import type { Mask } from "../../../base/mask.js";
import { SettingsError } from "../../../errors.js";
import { answerQuestion, readQuestion, type GivenAnswer } from "../../../history/questions/answer.js";
import {
  answerServer,
  questionNamed,
  readServerQuestions,
  type ServerReply,
} from "../../../history/questions/answer-server.js";
import { shownDigits } from "../../../history/questions/digest.js";
import { tellRun } from "../../../history/questions/messages.js";
import { runDirectory } from "../../../history/runs.js";

/** To a command, and to what a server asks. */
export type AgentsAnswer = ToCommand | ToServer;
type ToCommand = { kind: "approve" } | { kind: "deny" | "feedback"; text: string };
type ToServer =
  { kind: "decline" } | { kind: "cancel" } | { kind: "accept"; values: Readonly<Record<string, unknown>> };

export type Answering = {
  home: string;
  run: string;
  /** The id of the question, or the beginning of it. */
  question: string;
  mask: Mask;
  /** Goes on with the run, once the answer is given. */
  goOn(give: () => Promise<void>): Promise<void>;
};

/**
 * Answers the very question that a run waits with, and goes on with it; where servers have asked several things in its last call, once all
 * of them are answered. Throws SettingsError, which says what to do.
 */
export async function giveAnswer({ home, run, question, mask, goOn }: Answering, answer: AgentsAnswer): Promise<void> {
  if (answer.kind === "accept" || answer.kind === "decline" || answer.kind === "cancel") {
    const { questions } = await readServerQuestions(home, run);
    const { question: id } = questionNamed(run, questions, question);
    const give = () => answerServer(home, { run, question: id }, { ...replyOf(answer), by: "agent" }, mask);
    return questions.length > 1 ? give() : goOn(give);
  }
  await refuseWhereServersAsk(home, run);
  const { parked } = await readQuestion(home, run);
  const asked = question.trim().toLowerCase();
  if (asked.length < shownDigits || !parked.question.startsWith(asked))
    throw new SettingsError(
      `The run ${run} asks another question than ${JSON.stringify(question.slice(0, 80))}, so nothing was answered. Look at it with run_status first.`,
    );
  await goOn(async () => {
    if (answer.kind === "feedback") return tellRun(runDirectory(home, run), mask(answer.text), new Date());
    await answerQuestion(home, { run, question: parked.question }, givenOf(answer), mask);
  });
}

const replyOf = (answer: ToServer): ServerReply =>
  answer.kind === "accept"
    ? { reply: "answered", values: answer.values }
    : { reply: answer.kind === "decline" ? "declined" : "dismissed" };

/** Throws SettingsError where the run has parked for what a server asks: a command is not what it waits with. */
async function refuseWhereServersAsk(home: string, run: string): Promise<void> {
  const asked = await readServerQuestions(home, run).catch(() => null);
  if (asked === null) return;
  throw new SettingsError(
    `The run ${run} waits with what an MCP server asks: answer with accept, decline or cancel. Look at server_questions of run_status.`,
  );
}

const givenOf = (answer: Exclude<ToCommand, { kind: "feedback" }>): GivenAnswer =>
  answer.kind === "approve"
    ? { answer: "run", by: "agent" }
    : { answer: "deny", by: "agent", ...(answer.text !== "" && { text: answer.text }) };
