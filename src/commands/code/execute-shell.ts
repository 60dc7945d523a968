import * as z from "zod";
import { defineCommand } from "../command.js";
import { streamsOf, whyEnded } from "./outcome-text.js";
import { runProgram } from "./run-program.js";
import { refusalOf, reviewLine } from "./shell-review.js";

export const executeShell = defineCommand({
  name: "execute_shell",
  label: "Execute Shell Command, non-interactive commands only",
  args: z.object({ command_line: z.string().describe("<command_line>") }),
  effect: "runs code",
  needs: "shell",
  explainsItself: true,
  review: ({ command_line: line }, context) => reviewLine(line, context),
  async run({ command_line: line }, context) {
    const refusal = await refusalOf(line, context);
    if (refusal !== null) return { ok: false, text: refusal };
    const { code, signal } = context;
    const sandbox = await code.sandboxes.open("shell");
    const { ended, facts } = await runProgram(code, sandbox, ["/bin/sh", "-c", line], signal);
    const why = whyEnded(ended, code.limits);
    if (why !== null) return { ok: false, text: `Error: ${why}.\n${streamsOf(ended)}`, ...facts };
    const failed = ended.exitCode === 0 ? "" : `\nEXIT CODE: ${ended.exitCode}`;
    return { ok: ended.exitCode === 0, text: streamsOf(ended) + failed, ...facts };
  },
});
