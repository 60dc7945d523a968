import { defineCheck } from "../check.js";
import { text } from "../values.js";

/** Passes as long as the file is what it was at the start, which is compared for everything that is fixed. */
export const fileUnchanged = defineCheck({
  name: "file_unchanged",
  value: text,
  title: (file) => file,
  basis: async (file) => ({ fixed: [file] }),
  async run(file, { workspace }) {
    const entry = await workspace.stat(file);
    return { ok: true, found: entry === null ? "not there, as at the start" : "as it was at the start" };
  },
});
