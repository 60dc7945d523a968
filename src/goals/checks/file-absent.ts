import { defineCheck } from "../check.js";
import { text } from "../values.js";

/** Passes where nothing has this name: no file, no folder, and no link, wherever it leads. */
export const fileAbsent = defineCheck({
  name: "file_absent",
  value: text,
  title: (file) => file,
  files: (file) => [file],
  async run(file, { workspace }) {
    const entry = await workspace.stat(file);
    if (entry !== null) return { ok: false, found: `there is a ${entry.kind === "folder" ? "folder" : "file"}` };
    if ((await workspace.keeper.look(file, 0)) !== null)
      return { ok: false, found: "there is a link that leads nowhere" };
    return { ok: true, found: "nothing is there" };
  },
});
