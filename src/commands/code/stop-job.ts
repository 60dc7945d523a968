import * as z from "zod";
import { defineCommand } from "../command.js";
import { jobOf, stateOf, streamsOf } from "./outcome-text.js";

export const stopJob = defineCommand({
  name: "stop_job",
  label: "Stop a background job",
  args: z.object({ job: z.number().describe("<job_number>") }),
  effect: "nothing",
  needs: "shell",
  explainsItself: true,
  foreign: ({ job }) => ({ kind: "program", from: `job ${job}` }),
  async run({ job: number }, { code }) {
    const job = jobOf(code, number);
    if (job.ended === null) await job.stop();
    return `${stateOf(number, job, code.limits)}\n${streamsOf(job.unread())}`;
  },
});
