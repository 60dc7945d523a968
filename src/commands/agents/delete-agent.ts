import * as z from "zod";
import { defineCommand } from "../command.js";

export const deleteAgent = defineCommand({
  name: "delete_agent",
  label: "Delete GPT Agent",
  args: z.object({ key: z.string().describe("<key>") }),
  effect: "nothing",
  async run({ key }, { subagents, step }) {
    if (await subagents.delete(key.trim(), step)) return `Agent ${key.trim()} deleted.`;
    throw new Error(`There is no agent with the key ${JSON.stringify(key)}. list_agents shows the keys.`);
  },
});
