import * as z from "zod";
import { defineCommand } from "../command.js";
import { askAboutCode } from "./ask-about-code.js";

export const evaluateCode = defineCommand({
  name: "evaluate_code",
  label: "Evaluate Code",
  args: z.object({ code: z.string().describe("<full_code_string>") }),
  effect: "asks a model",
  synonyms: ["analyze_code"],
  async run({ code }, context) {
    const order =
      "You review code. Answer with a list of concrete suggestions that would make the code better, and nothing else.";
    return askAboutCode(order, code, context);
  },
});
