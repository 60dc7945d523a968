import { defineCheck } from "../check.js";
import { text } from "../values.js";

export const fileExists = defineCheck({
  name: "file_exists",
  value: text,
  title: (file) => file,
  files: (file) => [file],
  async run(file, { workspace }) {
    const entry = await workspace.stat(file);
    if (entry === null) return { ok: false, found: "not found" };
    if (entry.kind === "folder") return { ok: false, found: "is a folder, not a file" };
    if (entry.kind !== "file") return { ok: false, found: "is no regular file" };
    return { ok: true, found: `found (${entry.size} bytes)` };
  },
});
