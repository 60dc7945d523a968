import * as z from "zod";
import { defineCommand } from "../command.js";

export const doNothing = defineCommand({
  name: "do_nothing",
  label: "Do Nothing",
  args: z.object({}),
  effect: "nothing",
  async run() {
    return "No action performed.";
  },
});
