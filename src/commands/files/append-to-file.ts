import * as z from "zod";
import { defineCommand } from "../command.js";
import { addedBytes } from "./added-bytes.js";
import { contentOf, realPath, written } from "./file-content.js";
import { foreseeContent } from "./foresee.js";

const answer = "Text appended successfully.";

/** Adds text to the end of a file, which is created where it is missing. */
export const appendToFile = defineCommand({
  name: "append_to_file",
  label: "Append to file",
  args: z.object({ file: z.string().describe("<file>"), text: z.string().describe("<text>") }),
  effect: "writes",
  renames: { filename: "file" },
  async preview({ file, text }, { workspace }) {
    const [path, before] = await Promise.all([realPath(workspace, file), contentOf(workspace, file)]);
    if (before === null) return [{ kind: "file", path, before, after: written(text) }];
    const bytes = (before.bytes ?? 0) + Buffer.byteLength(text);
    if (before.text !== null) return [{ kind: "file", path, before, after: { bytes, text: before.text + text } }];
    const after = { bytes, text: null };
    return [
      { kind: "file", path, before, after },
      { kind: "text", title: "added at its end", text },
    ];
  },
  async foresee({ file, text }, { workspace }) {
    const path = await realPath(workspace, file);
    const before = await workspace.state(path);
    if (before === null) return foreseeContent(workspace, file, text, answer);
    const after = await workspace.state(path, Buffer.from(await addedBytes(workspace, file, text)));
    return { paths: [{ path, before, after }], text: answer, changed: text !== "" };
  },
  async run({ file, text }, { workspace }) {
    const { changed } = await workspace.append(file, await addedBytes(workspace, file, text));
    return { ok: true, text: answer, changed };
  },
});
