import type { Command } from "commander";
import { escapeText } from "../base/escape.js";
import { createPalette } from "../console/palette.js";
import type { Streams } from "../console/streams.js";
import { colourDepth } from "../settings/environment/bare-environment.js";
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
        json,
        width,
      });
      print(json ? text : escapeText(text));
    });
  addApprove(program, options, print);
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
