import * as z from "zod";
import { defineCommand } from "../command.js";

export const deleteAgent = defineCommand({
  name: "delete_agent",
  label: "Delete GPT Agent",
  args: z.object({ key: z.string().describe("<key>") }),
  effect: "nothing",
  async run({ key }, { roster, step }) {
    if (await roster.delete(key.trim(), step)) return `Agent ${key.trim()} deleted.`;
    throw new Error(`There is no agent with the key ${JSON.stringify(key)}. list_agents shows the keys.`);
  },
});
