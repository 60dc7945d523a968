import * as z from "zod";
import { defineCommand } from "../command.js";
import { reviewTwo } from "./file-content.js";

/** Gives a file or folder another name or place; nothing is replaced. */
export const moveFile = defineCommand({
  name: "move_file",
  label: "Move file or folder",
  args: z.object({ file: z.string().describe("<file>"), to: z.string().describe("<new_file>") }),
  effect: "writes",
  synonyms: ["rename_file"],
  renames: { filename: "file", from: "file", source: "file", destination: "to", new_file: "to" },
  review: ({ file, to }, { workspace }) => reviewTwo(file, to, workspace),
  async run({ file, to }, { workspace }) {
    await workspace.move(file, to);
    return { ok: true, text: "File moved successfully.", changed: true };
  },
});
