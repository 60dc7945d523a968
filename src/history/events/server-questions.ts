import * as z from "zod";
import { count, list, name, text, yesNo } from "../event-parts.js";
import { step } from "./fields.js";

const question = text(
  "The question: a SHA-256 of the tool, its arguments, what is asked, and which time in the call it is, as they are shown",
);
const id = text("The answer's id, in the file server-answers.json of the run's folder");

/** What servers ask the user in calls of their tools, and what becomes of it; what the user enters is in none of these. */
export const serverQuestionEvents = {
  "user-questioned": z
    .object({
      step,
      from: text("The command in which it is asked: a tool of a server"),
      message: text("What the server asks"),
      fields: list(z.string(), "What it wants to be told, by name; what the user enters goes to the server alone"),
      address: text("Where it wants the user to do something, in the place of fields").exactOptional(),
      question: question.exactOptional(),
      schema: z
        .record(z.string(), z.unknown())
        .describe(
          "The JSON Schema that an answer has to fit, where it was parked or answered from elsewhere and is not too long",
        )
        .exactOptional(),
      before: count("How often the very same was asked before it in this call, where it was").exactOptional(),
      parked: yesNo("Nobody could be asked, and the run ends after this step, until somebody can").exactOptional(),
      reply: name(
        ["answered", "declined", "dismissed", "nobody"],
        "What the user did; nobody: no person could be asked",
      ),
    })
    .describe("A server has asked the user something in a call"),
  "user-answered": z
    .object({
      step,
      question,
      id,
      reply: name(["answered", "declined", "dismissed"], "What the user did"),
      by: name(["agent"], "Who said so, where it was not the user: another agent (autogpt mcp serve)").exactOptional(),
    })
    .describe(
      "What a server had asked when the run parked has been answered while no process worked on the run; the first answer counts",
    ),
  "answer-given": z
    .object({ step, question, id })
    .describe("Before an answer that was kept goes to the server that asks the same again; it is given once"),
};
