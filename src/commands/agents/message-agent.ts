import * as z from "zod";
import { defineCommand } from "../command.js";

export const messageAgent = defineCommand({
  name: "message_agent",
  label: "Message GPT Agent",
  args: z.object({ key: z.string().describe("<key>"), message: z.string().describe("<message>") }),
  effect: "asks a model",
  foreign: ({ key }) => ({ kind: "sub-agent", from: key.trim() }),
  async run({ key, message }, { subagents, step, signal }) {
    return subagents.message(key.trim(), message, { step, signal });
  },
});
