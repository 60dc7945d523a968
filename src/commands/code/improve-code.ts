import * as z from "zod";
import { defineCommand } from "../command.js";
import { askAboutCode } from "./ask-about-code.js";

export const improveCode = defineCommand({
  name: "improve_code",
  label: "Get Improved Code",
  args: z.object({
    suggestions: z.union([z.string(), z.array(z.string())]).describe("<list_of_suggestions>"),
    code: z.string().describe("<full_code_string>"),
  }),
  effect: "asks a model",
  async run({ suggestions, code }, context) {
    const order =
      "You improve code. Carry out the suggestions and change nothing else. Answer with the whole new code and no explanation.";
    const list = typeof suggestions === "string" ? suggestions : suggestions.map((line) => `- ${line}`).join("\n");
    return askAboutCode(order, `SUGGESTIONS:\n${list}\n\nCODE:\n${code}`, context);
  },
});
