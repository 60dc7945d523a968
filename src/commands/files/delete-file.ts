import * as z from "zod";
import { defineCommand } from "../command.js";
import { previewFile } from "./file-content.js";

/** Deletes a file; folders are refused. */
export const deleteFile = defineCommand({
  name: "delete_file",
  label: "Delete file",
  args: z.object({ file: z.string().describe("<file>") }),
  effect: "deletes",
  renames: { filename: "file" },
  preview: ({ file }, { workspace }) => previewFile(file, workspace, null),
  async run({ file }, { workspace }) {
    await workspace.delete(file);
    return { ok: true, text: "File deleted successfully.", changed: true };
  },
});
