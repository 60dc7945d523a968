import * as z from "zod";
import { sizeText } from "../../base/text.js";
import { defineCommand } from "../command.js";
import { contentOf, realPath, reviewTwo } from "./file-content.js";

const copied = (size: number): string => `File copied successfully (${sizeText(size)}).`;

/** Copies a file; nothing is replaced. */
export const copyFile = defineCommand({
  name: "copy_file",
  label: "Copy file",
  args: z.object({ file: z.string().describe("<file>"), to: z.string().describe("<new_file>") }),
  effect: "writes",
  renames: { filename: "file", from: "file", source: "file", destination: "to", new_file: "to" },
  review: ({ file, to }, { workspace }) => reviewTwo(file, to, workspace),
  async preview({ file, to }, { workspace }) {
    const [path, after] = await Promise.all([realPath(workspace, to), contentOf(workspace, file)]);
    return [
      { kind: "text", title: "copied from", text: await realPath(workspace, file) },
      { kind: "file", path, before: null, after },
    ];
  },
  async foresee({ file, to }, { workspace }) {
    const [path, from] = await Promise.all([realPath(workspace, to), realPath(workspace, file)]);
    const [before, source] = await Promise.all([workspace.state(path), workspace.state(from)]);
    const copies = before === null && source?.kind === "file";
    const after = copies ? source : before;
    return {
      paths: [{ path, before, after }],
      text: copied(source?.kind === "file" ? source.bytes : 0),
      changed: copies,
    };
  },
  async run({ file, to }, { workspace }) {
    const size = await workspace.copy(file, to);
    return { ok: true, text: copied(size), changed: true };
  },
});
