import { defineCheck } from "../check.js";
import { text } from "../values.js";

/** Passes as long as everything in the folder is what it was at the start, which is compared for everything that is fixed. */
export const folderUntouched = defineCheck({
  name: "folder_untouched",
  value: text,
  title: (folder) => folder,
  basis: async (folder) => ({ fixed: [folder] }),
  async run(folder, { workspace }) {
    const entry = await workspace.stat(folder);
    return { ok: true, found: entry === null ? "not there, as at the start" : "as it was at the start" };
  },
});
