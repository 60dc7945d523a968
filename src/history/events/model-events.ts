import * as z from "zod";
import * as part from "../event-parts.js";
import { count, dollars, list, milliseconds, text, tokens } from "../event-parts.js";
import { limitName, step } from "./fields.js";

const purpose = part.purpose;
const settled = { usage: part.usage, costUsd: dollars("What that costs") };
const failed = {
  problem: text("What went wrong, in words"),
  usage: part.usage.describe("What it counts for: nothing where the server refused it, else all that was reserved"),
  costUsd: dollars("What that costs"),
};

const replaces = z
  .object({
    model: text("The model that was asked"),
    reservedUsd: dollars("As much of that was money"),
    reservedTokens: tokens("And tokens"),
  })
  .describe(
    "What was set aside for it, and counted as spent since the run was killed, does so no more: this is what it took",
  )
  .exactOptional();

/** What is asked of models, and what comes of it. */
export const modelEvents = {
  "context-built": z
    .object({
      step,
      tokens: tokens("How large the request is"),
      messages: count("How many messages it has"),
      memories: count("How many records of memory it recalls"),
      recalled: list(part.recalledNote, "Which, best first"),
      lastBefore: limitName(
        "The limit before which this is the last step: the model is told to wrap up",
      ).exactOptional(),
    })
    .describe("The messages of the next request are put together"),
  "model-requested": z
    .object({
      step,
      purpose,
      model: text("The model's name"),
      reservedUsd: dollars("The most it may cost"),
      reservedTokens: tokens("The most it may take, sent and answered"),
      unpriced: z
        .literal(true)
        .exactOptional()
        .describe("The model's price is not known, so its cost counts as nothing"),
    })
    .describe("Before a request is sent: its worst case is set aside"),
  "model-waiting": z
    .object({
      step,
      purpose,
      model: text("The model's name"),
      response: text("The id by which the server knows the answer"),
    })
    .describe("The server works on an answer in the background: it is asked for by its id, also after a kill"),
  "model-retry": z
    .object({
      step,
      attempt: count("Which attempt failed, from 1"),
      waitMs: milliseconds("How long it waits before the next one"),
      replaces,
      ...failed,
    })
    .describe("An attempt failed and will be repeated"),
  "model-failed": z.object({ step, ...failed }).describe("A request failed for good"),
  "model-replied": z
    .object({
      step,
      purpose,
      text: text("The answer, where the purpose is think").exactOptional(),
      finishReason: part.finishReason.exactOptional(),
      reasoning: part.keptReasoning.exactOptional(),
      replaces,
      ...settled,
    })
    .describe("A request was answered"),
};
