import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { escapeText } from "../base/escape.js";
import type { SubcommandUse } from "./memory/own-memory.js";

type UndoCommands = {
  cwd: string;
  use(): Promise<SubcommandUse>;
  /** Writes text as it is to standard output. */
  write(text: string): void;
  /** Writes lines of sentences there, as wide as it is. */
  say(text: string): void;
  /** Whether standard output is a terminal, where nothing of a file may be a control sequence. */
  terminal: boolean;
  finish(exitCode: number): void;
};

/** Declares `autogpt undo` and `autogpt diff`; the code of each is loaded when it is used. */
export function addUndoCommands(program: Command, { cwd, use, write, say, terminal, finish }: UndoCommands): void {
  program
    .command("undo")
    .summary("put the workspace back to what it was before a run")
    .description(
      "Put the workspace back to what it was before a run, or after one of its steps; once more puts it back again",
    )
    .argument("[run]", "the run; the last one that changed something, if left out")
    .option("--to <STEP>", "to the state after this step; 0 is before the first", stepNumber)
    .option("--dry-run", "show what would be done")
    .option("--json", "as one JSON object")
    .action(
      async (
        run: string | undefined,
        { to, dryRun = false, json = false }: { to?: number; dryRun?: boolean; json?: boolean },
      ) => {
        const { undo } = await import("./undo/undo.js");
        const { text, whole } = await undo(await use(), { run: run ?? null, to, dryRun, json });
        if (json) write(`${text}\n`);
        else say(escapeText(text));
        if (!whole) finish(1);
      },
    );
  program
    .command("diff")
    .summary("show what a run changed in the workspace")
    .description("Show what a run, or one of its steps, changed in the workspace, as a unified diff")
    .argument("[run]", "the run; the last one that changed something, if left out")
    .option("--step <STEP>", "only what this step changed", stepNumber)
    .action(async (run: string | undefined, { step }: { step?: number }) => {
      const { diff } = await import("./undo/diff.js");
      const { loaded } = await use();
      const text = await diff(loaded, { run: run ?? null, step, cwd });
      write(terminal ? escapeText(text) : text);
    });
}

function stepNumber(written: string): number {
  if (/^\d{1,9}$/.test(written)) return Number(written);
  throw new InvalidArgumentError("It is the number of a step, for example 3.");
}
