import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { escapeText } from "../base/escape.js";
import { createPalette } from "../console/palette.js";
import type { Streams } from "../console/streams.js";
import { colourDepth } from "../settings/environment/bare-environment.js";
import { SettingsError } from "../errors.js";
import { homesFile } from "../settings/environment/trust-file.js";
import type { LoadedSettings } from "../settings/load.js";
import { addViewCommand } from "./view/declare-view.js";

/** What is needed to look at runs, and to answer them. */
type QuestionsOptions = {
  cwd: string;
  environment: Readonly<Record<string, string | undefined>>;
  streams: Streams;
  load(more?: { fetchKeys?: boolean }): Promise<LoadedSettings>;
  signal: AbortSignal;
};

/** Declares what shows a run in a browser, answers one that waits, and speaks to one that goes on; the code of each is loaded when it is used. */
export function addQuestionCommands(program: Command, options: QuestionsOptions): void {
  const { environment, streams, load } = options;
  const { columns } = streams.stdout as { columns?: number };
  const width = streams.stdout.isTTY === true ? columns : undefined;
  const print = (text: string): void => void streams.stdout.write(`${text}\n`);
  program
    .command("questions")
    .summary("what parked runs wait for; approve and deny answer")
    .description("List what runs wait for that were parked at a question (--on-approval park), the oldest first")
    .option("--json", "as JSON")
    .option("--all", "of every folder in which you have run it")
    .action(async ({ json = false, all = false }: { json?: boolean; all?: boolean }) => {
      const { settings } = await load({ fetchKeys: false });
      const { listQuestions } = await import("./questions/list.js");
      const text = await listQuestions({
        home: settings.home,
        homesFile: all ? homesFile(environment) : null,
        queueUrl: settings.queueUrl,
        json,
        width,
      });
      print(json ? text : escapeText(text));
    });
  addApprove(program, options, print);
  addAnswer(program, options, print);
  addViewCommand(program, options);
  program
    .command("deny")
    .summary("say no to what a parked run wants to do")
    .description("Say no to what a parked run wants to do; the AI is told so when the run goes on")
    .argument("[run]", "the run; the only one that waits, if left out")
    .option("--reason <TEXT>", "why; the AI is told")
    .action(async (run: string | undefined, { reason }: { reason?: string }) => {
      const { deny } = await import("./questions/say.js");
      print(escapeText(await deny(await load(), run, reason)));
    });
  program
    .command("tell")
    .summary("say something to a run, also while it goes on")
    .description("Say something to a run: the AI hears it before its next step, at once or when the run goes on")
    .argument("<run>", "the run; last is the newest")
    .argument("<text...>", "what the AI is to hear")
    .action(async (run: string, words: string[]) => {
      const { tell } = await import("./questions/say.js");
      print(escapeText(await tell(await load(), run, words)));
    });
}

type ApproveFlags = { yes?: string; edit?: boolean };

function addApprove(program: Command, options: QuestionsOptions, print: (text: string) => void): void {
  const { cwd, environment, streams, load, signal } = options;
  const { stdin, stdout } = streams;
  program
    .command("approve")
    .summary("look at what a parked run wants to do, and say yes")
    .description("Show what a parked run wants to do, and ask; it does so, once, when the run goes on")
    .argument("[run]", "the run; the only one that waits, if left out")
    .option("--edit", "change the arguments first")
    .option("--yes <QUESTION>", "without asking: the id of the question, as it is shown")
    .action(async (run: string | undefined, { yes, edit = false }: ApproveFlags) => {
      const { approve } = await import("./questions/approve.js");
      const { openUserInput } = await import("../console/input/open-input.js");
      const palette = createPalette(colourDepth(stdout, environment));
      const lines = openUserInput(stdin, stdout);
      try {
        const asker = { lines, palette, environment, signal, print };
        print(escapeText(await approve({ loaded: await load(), cwd, run, yes, edit }, asker)));
      } finally {
        lines.close();
      }
    });
}

type AnswerFlags = { question?: string; values?: string; decline?: boolean; cancel?: boolean };

function addAnswer(program: Command, options: QuestionsOptions, print: (text: string) => void): void {
  const { environment, streams, load, signal } = options;
  const { stdin, stdout } = streams;
  program
    .command("answer")
    .summary("answer what an MCP server asked in a run that parked for it")
    .description(
      "Show what an MCP server has asked in a run that parked for it, and ask; the server gets it when it asks the same again",
    )
    .argument("[run]", "the run; the only one that waits, if left out")
    .option("--question <QUESTION>", "one of several: its id, as it is shown")
    .option(
      "--values <JSON>",
      "without asking: the values of the fields as a JSON object; - reads them from standard input",
    )
    .option("--decline", "say no to the server")
    .option("--cancel", "say neither yes nor no")
    .action(async (run: string | undefined, { question, values, decline = false, cancel = false }: AnswerFlags) => {
      if ([values !== undefined, decline, cancel].filter(Boolean).length > 1)
        throw new SettingsError("--values, --decline and --cancel exclude each other: a question has one answer.");
      const [{ answer }, { openUserInput }] = await Promise.all([
        import("./questions/answer.js"),
        import("../console/input/open-input.js"),
      ]);
      const given = values === "-" ? await text(stdin) : values;
      const reply = decline ? "declined" : cancel ? "dismissed" : given === undefined ? null : { values: given };
      const palette = createPalette(colourDepth(stdout, environment));
      const lines = openUserInput(stdin, stdout);
      try {
        const asker = { lines, palette, environment, signal, print };
        print(escapeText(await answer({ loaded: await load(), run, question, reply }, asker)));
      } finally {
        lines.close();
      }
    });
}
