import * as z from "zod";
import { defineCommand } from "../command.js";

export const taskComplete = defineCommand({
  name: "task_complete",
  label: "Task Complete (Shutdown)",
  args: z.object({ reason: z.string().default("").describe("<reason>") }),
  effect: "ends the run",
  synonyms: ["goals_accomplished", "finish"],
  async run({ reason }, { checkGoals }) {
    const checked = await checkGoals();
    if (checked.ok) return { ok: true, text: reason === "" ? "The task is complete." : reason, stop: "task-complete" };
    return {
      ok: false,
      text: `Error: the task is not complete yet. The program checked the goals itself and found:\n${checked.text}\nMend this, then use task_complete again.`,
    };
  },
});
