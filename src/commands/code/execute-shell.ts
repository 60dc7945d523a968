import * as z from "zod";
import { shellCommand } from "../../sandbox/shell-command.js";
import { defineCommand } from "../command.js";
import { streamsOf, takenNote, whyEnded } from "./outcome-text.js";
import { runProgram } from "./run-program.js";
import { notesOn } from "./shell/notes.js";
import { refusalOf, reviewLine } from "./shell/review.js";

export const executeShell = defineCommand({
  name: "execute_shell",
  label: "Execute Shell Command, non-interactive commands only",
  args: z.object({ command_line: z.string().describe("<command_line>") }),
  effect: "runs code",
  needs: "shell",
  explainsItself: true,
  foreign: ({ command_line: line }) => ({ kind: "program", from: line }),
  review: ({ command_line: line }, context) => reviewLine(line, context),
  preview: async ({ command_line: line }) => [{ kind: "shell", line }],
  async run({ command_line: line }, context) {
    const refusal = await refusalOf(line, context);
    if (refusal !== null) return { ok: false, text: refusal };
    const { code, signal } = context;
    const sandbox = await code.sandboxes.open("shell");
    const { ended, facts } = await runProgram(code, sandbox, shellCommand(line), signal);
    const why = whyEnded(ended, code.limits);
    const ok = why === null && ended.exitCode === 0;
    const notes = (await notesOn(line, { ok, offline: sandbox.offline })) + takenNote(ended);
    if (why !== null) return { ok, text: `Error: ${why}.\n${streamsOf(ended)}${notes}`, ...facts };
    const failed = ok ? "" : `\nEXIT CODE: ${ended.exitCode}`;
    return { ok, text: streamsOf(ended) + failed + notes, ...facts };
  },
});
