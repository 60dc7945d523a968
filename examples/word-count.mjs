// A command, for 02-own-command.mjs. As it is a module of its own, ai_settings.yaml can name it as well:
//   extensions:
//     - ./word-count.mjs
import { defineCommand } from "autogpt";

export const wordCount = defineCommand({
  name: "word_count",
  args: { file: "<file>" },
  effect: "reads",
  async run({ file }, { workspace }) {
    const words = (await workspace.readText(file)).split(/\s+/).filter((word) => word !== "");
    return `${file} has ${words.length} words.`;
  },
});
