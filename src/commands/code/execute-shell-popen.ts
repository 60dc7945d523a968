import * as z from "zod";
import { mostJobs } from "../../sandbox/jobs.js";
import { shellCommand } from "../../sandbox/shell-command.js";
import { defineCommand } from "../command.js";
import { refusalOf, reviewLine } from "./shell/review.js";

export const executeShellPopen = defineCommand({
  name: "execute_shell_popen",
  label: "Execute Shell Command Popen, non-interactive commands only",
  args: z.object({ command_line: z.string().describe("<command_line>") }),
  effect: "runs code",
  needs: "shell",
  explainsItself: true,
  renames: { query: "command_line" },
  review: ({ command_line: line }, context) => reviewLine(line, context),
  preview: async ({ command_line: line }) => [{ kind: "shell", line }],
  async run({ command_line: line }, context) {
    const refusal = await refusalOf(line, context);
    if (refusal !== null) return { ok: false, text: refusal };
    const { sandboxes, limits, jobs } = context.code;
    if (jobs.running() >= mostJobs)
      throw new Error(`${mostJobs} jobs are running already. End one with stop_job first.`);
    const sandbox = await sandboxes.open("shell");
    const running = await sandbox.start(shellCommand(line), {
      limits: { ...limits, seconds: null },
      signal: context.runSignal,
    });
    const number = jobs.add(line, running);
    return {
      ok: true,
      text: `Job ${number} was started in the background. job_output shows what it writes, stop_job ends it; it ends with the run.`,
      sandbox: sandbox.backend,
    };
  },
});
