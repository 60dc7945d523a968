import * as z from "zod";
import { defineCommand } from "../command.js";

/** Adds text to the end of a file, which is created where it is missing. */
export const appendToFile = defineCommand({
  name: "append_to_file",
  label: "Append to file",
  args: z.object({ file: z.string().describe("<file>"), text: z.string().describe("<text>") }),
  effect: "writes",
  renames: { filename: "file" },
  async run({ file, text }, { workspace }) {
    const { changed } = await workspace.append(file, text);
    return { ok: true, text: "Text appended successfully.", changed };
  },
});
