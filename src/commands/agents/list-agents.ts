import * as z from "zod";
import { defineCommand } from "../command.js";

export const listAgents = defineCommand({
  name: "list_agents",
  label: "List GPT Agents",
  args: z.object({}),
  effect: "reads",
  async run(_args, { subagents }) {
    const agents = subagents.list();
    if (agents.length === 0) return "There are no agents.";
    return `List of agents:\n${agents.map(({ key, name, task }) => `${key}: ${name} (${task})`).join("\n")}`;
  },
});
