import * as z from "zod";

/** Each of these is a field: its type, and in one line what it means. */
export const text = (meaning: string) => z.string().describe(meaning);
export const yesNo = (meaning: string) => z.boolean().describe(meaning);
export const count = (meaning: string, unit?: string) => withUnit(z.int().min(0), meaning, unit);
export const amount = (meaning: string, unit?: string) => withUnit(z.number().min(0), meaning, unit);
export const dollars = (meaning: string) => amount(meaning, "US dollars");
export const tokens = (meaning: string) => amount(meaning, "tokens");
export const milliseconds = (meaning: string) => amount(meaning, "milliseconds");
export const list = <Item extends z.ZodType>(item: Item, meaning: string) => z.array(item).readonly().describe(meaning);
const limit = (meaning: string, unit: string) => withUnit(z.number().min(0).nullable(), meaning, unit);

const withUnit = <Type extends z.ZodType>(type: Type, description: string, unit: string | undefined): Type =>
  type.meta({ description, ...(unit === undefined ? {} : { "x-unit": unit }) });

/** A name out of those that this version writes; a reader takes any text, since other versions have others. */
export const name = <const Names extends readonly string[]>(names: Names, meaning: string) =>
  z.string().meta({ description: meaning, examples: [...names] }) as z.ZodType<string> as z.ZodType<Names[number]>;

/** What a request is for. */
export const purpose = name(
  ["think", "summary", "agent", "code", "command", "check", "embedding", "image", "speech"],
  "What the request is for",
);
export type Purpose = z.infer<typeof purpose>;

/** `length`: cut at the answer limit, so never to be executed. */
export const finishReason = name(
  ["stop", "length", "other"],
  "Why the answer ended; length: at the answer limit, so it is never executed",
);
export type FinishReason = z.infer<typeof finishReason>;

/** `--gpt3only` (`fast`) or `--gpt4only` (`smart`): one model for everything. Null: each for what it is there for. */
export const modelChoice = z.enum(["fast", "smart"]).nullable();
export type ModelChoice = z.infer<typeof modelChoice>;

/** Tokens of one request, as the server reported them; `estimated` where it did not report all of them. */
export const usage = z
  .object({
    promptTokens: tokens("What was sent, cached tokens included"),
    cachedTokens: tokens("As many of those as the server had kept, and charges less for"),
    completionTokens: tokens("What was answered, hidden reasoning included"),
    cacheWriteTokens: tokens(
      "As many of the sent ones as the server wrote to its cache, and charges more for",
    ).exactOptional(),
    estimated: z
      .literal(true)
      .exactOptional()
      .describe("The server did not report all of it: what is missing is counted here, or all that was reserved"),
  })
  .meta({ id: "usage", title: "Usage", description: "Tokens of one request" });
export type Usage = z.infer<typeof usage>;

/** What a model thought before a reply, in a form that its service alone can read; it goes back there with the reply. */
export const keptReasoning = z
  .object({
    model: text("The model that thought it: no other can read it"),
    tokens: tokens("What it counts for where it is sent again"),
    items: list(
      z.record(z.string(), z.unknown()),
      "As the service gave it, and wants it back; where the reply was a native call, also that",
    ),
  })
  .meta({
    id: "reasoning",
    title: "Reasoning",
    description: "What a model thought before a reply, encrypted by its service",
  });
export type KeptReasoning = z.infer<typeof keptReasoning>;

/** Everything a run has used so far, all purposes together. `requests` counts requests that were sent, retries included. */
export const totals = z
  .object({
    promptTokens: tokens("What was sent, for everything but embeddings"),
    cachedTokens: tokens("As many of those as the server had kept"),
    cacheWriteTokens: tokens("As many of the sent ones as the server wrote to its cache").exactOptional(),
    completionTokens: tokens("What was answered"),
    embeddingTokens: tokens("What was sent to be embedded"),
    requests: amount("Requests that were sent, retries included"),
    costUsd: dollars("What all of it cost"),
    estimated: z.literal(true).exactOptional().describe("Some of it no server has reported: the bill may be lower"),
    unpriced: z
      .literal(true)
      .exactOptional()
      .describe("Some of it was asked of a model whose price is not known: costUsd is what the rest cost"),
  })
  .meta({ id: "totals", title: "Totals", description: "What the whole run has used so far, earlier parts included" });
export type Totals = z.infer<typeof totals>;

/** Limits of the whole run; null is no limit. */
export const runLimits = z
  .object({
    steps: limit("--continuous-limit", "steps"),
    costUsd: limit("--max-cost or api_budget", "US dollars"),
    tokens: limit("--max-tokens", "tokens"),
    seconds: limit("--max-time", "seconds"),
    byDefault: z
      .literal(true)
      .exactOptional()
      .describe("Nobody named a limit: this one applies to continuous mode, until one is named"),
  })
  .meta({ id: "limits", title: "Limits", description: "Limits of the whole run; null is no limit" });
export type RunLimits = z.infer<typeof runLimits>;

/** A command as the model wrote it: name and arguments, before synonyms, renames and conversions. */
export const commandCall = z
  .object({
    name: text("The command's name"),
    args: z.record(z.string(), z.unknown()).describe("Its arguments by name"),
  })
  .meta({ id: "command", title: "Command", description: "A command and its arguments" });
export type CommandCall = z.infer<typeof commandCall>;

/** The thoughts of a reply, each a text ("" where the model gave none). */
export const thoughts = z
  .object({
    text: text("The thought itself"),
    reasoning: text("Why"),
    plan: text("What is to come"),
    criticism: text("What it thinks of itself"),
    speak: text("What is read aloud with --speak"),
  })
  .meta({ id: "thoughts", title: "Thoughts", description: 'The thoughts of a reply; "" where the model gave none' });
export type Thoughts = z.infer<typeof thoughts>;

/** How far a reply got. */
export const outcome = z
  .enum(["ran", "not-understood", "not-runnable", "refused", "feedback", "unfinished"])
  .describe(
    "How far the reply got. ran: the command started; not-understood: no command was in it; not-runnable: unknown " +
      "command or wrong arguments; refused: by a setting or a rule of the user's; feedback: the user said something " +
      "instead of yes, or after stopping a step; unfinished: the command started, and then the user stopped it or the " +
      "program was killed",
  );
export type Outcome = z.infer<typeof outcome>;

/** Files of the workspace that are not what they were; paths relative to it. */
export const changedFiles = z
  .object({
    created: list(z.string(), "Files that were not there before"),
    changed: list(z.string(), "Files that have other content now"),
    deleted: list(z.string(), "Files that are gone"),
    more: count("How many others there are that are not listed").exactOptional(),
  })
  .meta({ id: "changedFiles", title: "Changed files", description: "Files of the workspace, by their paths in it" });
export type ChangedFiles = z.infer<typeof changedFiles>;

/** A command that was not let run. */
export const refusal = z
  .object({
    step: count("The step in which it was"),
    command: text("The command's name"),
    reason: text("What the model was told"),
  })
  .meta({
    id: "refusal",
    title: "Refusal",
    description: "A command that a setting or a rule of the user's did not let run",
  });
export type Refusal = z.infer<typeof refusal>;

/** What came of a command. `text` is for the model: an answer, or `Error: …` when `ok` is false. */
export const commandResult = z
  .object({
    ok: yesNo("Whether it succeeded"),
    text: text("What the model gets: Command … returned: … or Human feedback: …"),
    stop: z
      .enum(["task-complete", "user-stopped", "parked"])
      .exactOptional()
      .describe("It ends the run after this step, with this reason"),
    changed: yesNo("Some file in the workspace is not what it was before").exactOptional(),
    files: changedFiles.describe("Which files, where that is known").exactOptional(),
    edited: text("Which arguments the user changed before it ran, and to what").exactOptional(),
    links: list(z.string(), "Addresses that it offers to be read next").exactOptional(),
    sandbox: text("Who confined the code that was run; none is nobody").exactOptional(),
  })
  .meta({ id: "result", title: "Result", description: "What came of a step" });
export type CommandResult = z.infer<typeof commandResult>;

/** An extension that a run was started with, so that it goes on with the same one. */
export const recordedExtension = z
  .object({
    module: text("The module as ai_settings.yaml names it"),
    folder: z.string().min(1).describe("The folder that it was named in"),
    commands: list(z.string(), "The names of the commands that it brought"),
    checks: list(z.string(), "The names of the checks that it brought"),
  })
  .meta({ id: "extension", title: "Extension", description: "Somebody else's module that the run was started with" });
export type RecordedExtension = z.infer<typeof recordedExtension>;

/** An MCP server that a run has. */
export const recordedServer = z
  .object({
    name: text("Its name in the settings"),
    commands: list(z.string(), "The names of its commands"),
  })
  .meta({ id: "mcpServer", title: "MCP server", description: "An MCP server whose tools are commands of the run" });
export type RecordedServer = z.infer<typeof recordedServer>;

/** One record that was put before the model: how well it fits, up to 1, and where it comes from. */
export const recalledNote = z
  .object({
    id: text("The record's id in memory"),
    score: z.number().describe("How well it fits what was looked for, at most 1 (docs/memory.md)"),
    source: z
      .object({
        run: text("The run in which it was remembered"),
        step: count("The step in which it was"),
        kind: text("What it is: a step, a page, a file, a note"),
        from: text("Of a page its address, of a file its path").exactOptional(),
        tainted: yesNo("It was made while the context held text that others wrote").exactOptional(),
      })
      .describe("Where it comes from"),
  })
  .meta({ id: "recalled", title: "Recalled record", description: "A record of memory that was put before the model" });
export type RecalledNote = z.infer<typeof recalledNote>;
