import * as z from "zod";
import { defineCommand } from "../command.js";
import { askAboutCode } from "./ask-about-code.js";

export const writeTests = defineCommand({
  name: "write_tests",
  label: "Write Tests",
  args: z.object({
    code: z.string().describe("<full_code_string>"),
    focus: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .describe("<list_of_focus_areas>"),
  }),
  effect: "asks a model",
  async run({ code, focus }, context) {
    const order =
      "You write tests for code, in its own language and that language's usual test framework. Answer with the test code and no explanation.";
    const areas = typeof focus === "string" ? focus : (focus ?? []).join(", ");
    return askAboutCode(order, areas.trim() === "" ? code : `FOCUS ON: ${areas}\n\nCODE:\n${code}`, context);
  },
});
