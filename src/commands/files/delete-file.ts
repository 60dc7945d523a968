import * as z from "zod";
import { defineCommand } from "../command.js";

/** Deletes a file; folders are refused. */
export const deleteFile = defineCommand({
  name: "delete_file",
  label: "Delete file",
  args: z.object({ file: z.string().describe("<file>") }),
  effect: "writes",
  renames: { filename: "file" },
  async run({ file }, { workspace }) {
    await workspace.delete(file);
    return { ok: true, text: "File deleted successfully.", changed: true };
  },
});
