import * as z from "zod";
import { defineCheck } from "../check.js";
import { searchFile, whyNotSearched } from "../read-file.js";
import { pattern, text } from "../values.js";

export const fileContains = defineCheck({
  name: "file_contains",
  value: z.strictObject({ file: text, pattern }, "must be file and pattern"),
  title: (value) => `${value.file} /${value.pattern}/`,
  files: ({ file }) => [file],
  async run(value, { workspace }) {
    const { outcome, characters, sha256 } = await searchFile(workspace, value.file, value.pattern);
    const evidence = sha256 === undefined ? {} : { sha256 };
    if (outcome === "found") return { ok: true, found: "found", evidence };
    const found = whyNotSearched(outcome) ?? `the pattern was not found in the file (${characters} characters)`;
    return { ok: false, found, evidence };
  },
});
