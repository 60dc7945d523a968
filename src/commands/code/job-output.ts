import * as z from "zod";
import { defineCommand } from "../command.js";
import { jobOf, stateOf, streamsOf } from "./outcome-text.js";

export const jobOutput = defineCommand({
  name: "job_output",
  label: "Get new output of a background job",
  args: z.object({ job: z.number().describe("<job_number>") }),
  effect: "reads",
  needs: "shell",
  explainsItself: true,
  foreign: ({ job }) => ({ kind: "program", from: `job ${job}` }),
  async run({ job: number }, { code }) {
    const job = jobOf(code, number);
    return `${stateOf(number, job, code.limits)}\n${streamsOf(job.unread())}`;
  },
});
