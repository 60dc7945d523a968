import * as z from "zod";
import { defineCommand } from "../command.js";
import { reviewTwo } from "./file-content.js";

const answer = "File moved successfully.";

/** Gives a file or folder another name or place; nothing is replaced. */
export const moveFile = defineCommand({
  name: "move_file",
  label: "Move file or folder",
  args: z.object({ file: z.string().describe("<file>"), to: z.string().describe("<new_file>") }),
  effect: "writes",
  synonyms: ["rename_file"],
  renames: { filename: "file", from: "file", source: "file", destination: "to", new_file: "to" },
  review: ({ file, to }, { workspace }) => reviewTwo(file, to, workspace),
  async foresee({ file, to }, { workspace }) {
    const [from, there] = await Promise.all([workspace.state(file), workspace.state(to)]);
    const moves = from !== null && there === null;
    return {
      paths: [
        { path: file, before: from, after: moves ? null : from },
        { path: to, before: there, after: moves ? from : there },
      ],
      text: answer,
      changed: moves,
    };
  },
  async run({ file, to }, { workspace }) {
    await workspace.move(file, to);
    return { ok: true, text: answer, changed: true };
  },
});
