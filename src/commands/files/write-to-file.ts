import * as z from "zod";
import { defineCommand } from "../command.js";
import { previewFile, reviewReplacing, written } from "./file-content.js";
import { foreseeContent } from "./foresee.js";

const answer = "File written to successfully.";

/** Replaces or creates a file. */
export const writeToFile = defineCommand({
  name: "write_to_file",
  label: "Write to file",
  args: z.object({ file: z.string().describe("<file>"), text: z.string().describe("<text>") }),
  effect: "writes",
  synonyms: ["write_file", "create_file"],
  renames: { filename: "file" },
  review: ({ file }, { workspace }) => reviewReplacing(file, workspace),
  preview: ({ file, text }, { workspace }) => previewFile(file, workspace, written(text)),
  foresee: ({ file, text }, { workspace }) => foreseeContent(workspace, file, text, answer),
  async run({ file, text }, { workspace }) {
    const { changed } = await workspace.write(file, text);
    return { ok: true, text: answer, changed };
  },
});
