import * as z from "zod";
import { defineCommand } from "../command.js";

const answer = "Folder made successfully.";

/** Makes a folder, and those that it lies in. */
export const makeFolder = defineCommand({
  name: "make_folder",
  label: "Make folder",
  args: z.object({ directory: z.string().describe("<directory>") }),
  effect: "writes",
  synonyms: ["create_folder", "make_directory"],
  renames: { folder: "directory", path: "directory", name: "directory" },
  async foresee({ directory }, { workspace }) {
    const before = await workspace.state(directory);
    return { paths: [{ path: directory, before, after: before ?? { kind: "folder" } }], text: answer, changed: true };
  },
  async run({ directory }, { workspace }) {
    const before = await workspace.stat(directory);
    if (before?.kind === "folder") return { ok: true, text: "The folder is there already.", changed: false };
    await workspace.makeFolder(directory);
    return { ok: true, text: answer, changed: true };
  },
});
