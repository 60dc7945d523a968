import * as z from "zod";
import { SettingsError } from "../../errors.js";
import { remembers } from "../../memory/backends.js";
import { defineCommand } from "../command.js";

export const memoryAdd = defineCommand({
  name: "memory_add",
  label: "Add to memory",
  args: z.object({ string: z.string().describe("<string>") }),
  effect: "writes",
  hidden: true,
  touches: () => [],
  repeatable: true,
  async run({ string }, { memory, run, step, signal }) {
    const { add, stats } = memory.unguarded;
    try {
      if (!remembers((await stats()).backend)) throw new Error("nothing was remembered: this run has no memory.");
      // A run that was killed may have added it already.
      await add(string, { run, step, kind: "note" }, { step, signal }, "perhaps-there");
    } catch (thrown) {
      // A SettingsError would end the run; for the AI this is a failed command like any other.
      throw thrown instanceof SettingsError ? new Error(thrown.message, { cause: thrown }) : thrown;
    }
    return `Committing memory with string ${JSON.stringify(string)}`;
  },
});
