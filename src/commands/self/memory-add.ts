import * as z from "zod";
import { defineCommand } from "../command.js";

export const memoryAdd = defineCommand({
  name: "memory_add",
  label: "Add to memory",
  args: z.object({ string: z.string().describe("<string>") }),
  effect: "writes",
  hidden: true,
  async run({ string }, { memory, run, step, signal }) {
    if ((await memory.stats()).backend === "no_memory")
      throw new Error("nothing was remembered: this run has no memory.");
    await memory.add(string, { run, step, kind: "note" }, { step, signal });
    return `Committing memory with string ${JSON.stringify(string)}`;
  },
});
