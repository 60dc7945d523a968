import * as z from "zod";
import { defineCommand } from "../command.js";
import { placeOf, previewFile, realPath } from "./file-content.js";

const answer = "File deleted successfully.";

/** Deletes a file; folders are refused. */
export const deleteFile = defineCommand({
  name: "delete_file",
  label: "Delete file",
  args: z.object({ file: z.string().describe("<file>") }),
  effect: "deletes",
  renames: { filename: "file" },
  async preview({ file }, { workspace }) {
    const [place, real] = await Promise.all([placeOf(workspace, file), realPath(workspace, file)]);
    if (place === real) return previewFile(file, workspace, null);
    return [{ kind: "text", title: "deletes a link, and not what it leads to", text: `${place} -> ${real}` }];
  },
  async foresee({ file }, { workspace }) {
    const before = await workspace.state(file);
    const after = before?.kind === "folder" ? before : null;
    return { paths: [{ path: file, before, after }], text: answer, changed: true };
  },
  async run({ file }, { workspace }) {
    await workspace.delete(file);
    return { ok: true, text: answer, changed: true };
  },
});
