import type { CallToolResult, McpServer, ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Mask } from "../../../base/mask.js";
import { messageOf } from "../../../errors.js";
import type { RunTable } from "./run-table.js";
import { runStatus, statusOf } from "./run-status.js";
import { requireServed, servedRuns } from "./served-mark.js";
import type { AgentsAnswer } from "./served-answers.js";
import { longestGoal, type ServedRuns } from "./served-runs.js";

export type ServeToolsOptions = {
  home: string;
  continuous: boolean;
  runs: ServedRuns;
  table: RunTable;
  mask: Mask;
};

const mostListed = 50;
const usualSeconds = 20;
const longestText = 20_000;
/** What is told to the other agent here would be told by the run in words of flags that it cannot give. */
const [leastUsd, mostUsd] = [0.000_001, 1_000_000];
const [leastMinutes, mostMinutes] = [0.02, 525_600];

const run = z.string().min(1).max(200).describe("The run's name, as run_goal told it");
const wait = (usual: number) =>
  z
    .number()
    .min(0)
    .max(600)
    .default(usual)
    .describe(
      "How many seconds to wait, at most, until the run ends or asks something; it goes on meanwhile and afterwards",
    );

const listed = z.object({
  runs: z.array(runStatus.pick({ run: true, state: true, reason: true, next: true, goals: true, cost_usd: true })),
});

/** Declares run_goal, run_status and answer_question. */
export function addServeTools(server: McpServer, options: ServeToolsOptions): void {
  addRunGoal(server, options);
  addRunStatus(server, options);
  addAnswerQuestion(server, options);
}

/** Steps can be limited in continuous mode alone. */
const goalSchema = (continuous: boolean) =>
  z.strictObject({
    goal: z
      .string()
      .max(longestGoal)
      .describe("What is to be done, in plain words, with all that the agent needs to know")
      .optional(),
    resume: run.describe("In the place of goal: the name of a run that has stopped and is to go on").optional(),
    workspace: z
      .string()
      .min(1)
      .max(1_000)
      .describe("The folder to work in, below the one that this server was started in; the settings' own, if left out")
      .optional(),
    max_cost_usd: z
      .number()
      .min(leastUsd)
      .max(mostUsd)
      .describe("Can only lower the user's own limit, as the others")
      .optional(),
    max_tokens: z.int().positive().optional(),
    max_minutes: z.number().min(leastMinutes).max(mostMinutes).optional(),
    ...(continuous && { max_steps: z.int().min(1).describe("At most so many steps").optional() }),
    wait_seconds: wait(usualSeconds),
  });

function addRunGoal(server: McpServer, options: ServeToolsOptions): void {
  const asking = options.continuous
    ? "It runs commands without asking, except for those that take a yes in any case"
    : "It asks before each command that no rule of the user's allows";
  server.registerTool(
    "run_goal",
    {
      title: "Run a goal",
      description:
        "Lets an autonomous agent work towards a goal in a folder of this machine: it writes files, runs code in a sandbox, searches the web. " +
        `${asking}: then the run waits until answer_question answers. Resolves when the run has ended, asks something, or wait_seconds are over; ` +
        "it goes on while you do other things. Every run is journalled, and held to the user's limits and rules.",
      inputSchema: goalSchema(options.continuous),
      outputSchema: runStatus,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    },
    (given, context) =>
      answered(options, async () => {
        const { goal, resume, workspace, max_cost_usd, max_tokens, max_minutes, wait_seconds } = given;
        const limits = {
          ...(max_cost_usd !== undefined && { costUsd: max_cost_usd }),
          ...(max_tokens !== undefined && { tokens: max_tokens }),
          ...(max_minutes !== undefined && { seconds: max_minutes * 60 }),
          ...("max_steps" in given && typeof given.max_steps === "number" && { steps: given.max_steps }),
        };
        if ((goal === undefined) === (resume === undefined))
          throw new Error("Give either goal or resume, and not both.");
        if (resume !== undefined && (workspace !== undefined || Object.keys(limits).length > 0))
          throw new Error("A run that goes on keeps its workspace and its limits: leave them out.");
        if (goal !== undefined)
          return waited(options, await options.runs.begin({ goal, workspace, limits }), wait_seconds, context);
        await options.runs.resume(resume ?? "");
        return waited(options, resume ?? "", wait_seconds, context);
      }),
  );
}

function addRunStatus(server: McpServer, options: ServeToolsOptions): void {
  server.registerTool(
    "run_status",
    {
      title: "Look at a run",
      description:
        "What a run has come to: its goals with verdicts and evidence, what it waits for, its answer, files, cost. Without a run: those that " +
        "agents have started in this folder, the newest first.",
      inputSchema: z.strictObject({ run: run.optional(), wait_seconds: wait(0) }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ run: name, wait_seconds }, context) =>
      answered(options, async () => {
        if (name !== undefined) {
          await requireServed(options.home, name);
          return waited(options, name, wait_seconds, context);
        }
        const names = (await servedRuns(options.home)).slice(0, mostListed);
        const found = await Promise.all(
          names.map((one) => statusOf(options.home, one, options.table.has(one)).catch(() => null)),
        );
        return listed.parse({ runs: found.filter((one) => one !== null) });
      }),
  );
}

function addAnswerQuestion(server: McpServer, options: ServeToolsOptions): void {
  server.registerTool(
    "answer_question",
    {
      title: "Answer a run's question",
      description:
        "Answers what a run waits for, and goes on with it. Look at the whole question first (run_status: command, args, preview): approve lets " +
        "this very call run, once; deny refuses it, and text says why; feedback says something to the agent in its place. What an MCP server asks " +
        "the user (server_questions) takes accept with values, decline or cancel.",
      inputSchema: z.strictObject({
        run,
        question: z
          .string()
          .min(1)
          .max(200)
          .describe("The id of the question that was looked at; no other one is answered"),
        answer: z
          .enum(["approve", "deny", "feedback", "accept", "decline", "cancel"])
          .describe("To waits_for: approve, deny or feedback; to one of server_questions: accept, decline or cancel"),
        values: z
          .record(z.string(), z.unknown())
          .describe("With accept: the values that the server asks for, by its schema")
          .optional(),
        text: z.string().max(longestText).default("").describe("With feedback: what the agent is told; with deny: why"),
        wait_seconds: wait(usualSeconds),
      }),
      outputSchema: runStatus,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    },
    ({ run: name, question, wait_seconds, ...given }, context) =>
      answered(options, async () => {
        await options.runs.answer(name, question, answerIn(given));
        return waited(options, name, wait_seconds, context);
      }),
  );
}

type GivenAnswer = { answer: AgentsAnswer["kind"]; text: string; values?: Record<string, unknown> | undefined };

/** Throws where an answer has what it cannot have, or lacks what it needs. */
function answerIn({ answer, text, values }: GivenAnswer): AgentsAnswer {
  const said = text.trim();
  if (answer === "feedback" && said === "") throw new Error("feedback needs text: what the agent is to be told.");
  if (answer === "approve" && said !== "")
    throw new Error(
      "approve takes no text: the command runs as it was shown. To have something else done, answer with feedback.",
    );
  if (answer !== "accept" && values !== undefined) throw new Error(`${answer} takes no values: accept does.`);
  if (answer === "accept") return { kind: answer, values: values ?? {} };
  if (answer === "deny" || answer === "feedback") return { kind: answer, text: said };
  if (said !== "") throw new Error(`${answer} takes no text.`);
  return { kind: answer };
}

/** Waits for a run, telling its steps where the client wants to hear of progress, and resolves to what it has come to. */
async function waited(
  { home, table }: ServeToolsOptions,
  name: string,
  seconds: number,
  { mcpReq }: ServerContext,
): Promise<object> {
  const progressToken = mcpReq._meta?.progressToken;
  await table.wait(name, seconds * 1000, mcpReq.signal, ({ step, what }) => {
    if (progressToken === undefined) return;
    const params = { progressToken, progress: step, message: what };
    // A client that has gone away hears nothing more.
    mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  });
  return statusOf(home, name, table.has(name));
}

/** What a tool answers: an object, also as text; or what went wrong, as an error that says what to do. No secret is in it. */
async function answered({ mask }: ServeToolsOptions, work: () => Promise<object>): Promise<CallToolResult> {
  try {
    const found = mask(await work());
    return { content: [{ type: "text", text: JSON.stringify(found) }], structuredContent: { ...found } };
  } catch (thrown) {
    return { content: [{ type: "text", text: mask(messageOf(thrown)) }], isError: true };
  }
}
