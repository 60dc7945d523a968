import * as z from "zod";
import { defineCommand } from "../command.js";

export const startAgent = defineCommand({
  name: "start_agent",
  label: "Start GPT Agent",
  args: z.object({
    name: z.string().describe("<name>"),
    task: z.string().describe("<short_task_desc>"),
    prompt: z.string().describe("<prompt>"),
  }),
  effect: "asks a model",
  foreign: ({ name }) => ({ kind: "sub-agent", from: name }),
  async run({ name, task, prompt }, { subagents, step, signal }) {
    const { key, answer } = await subagents.create(name, task, prompt, { step, signal });
    return `Agent ${name} created with key ${key}. First response: ${answer}`;
  },
});
