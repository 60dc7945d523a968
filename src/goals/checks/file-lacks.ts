import * as z from "zod";
import { defineCheck } from "../check.js";
import { searchFile, whyNotSearched } from "../read-file.js";
import { pattern, text } from "../values.js";

/** Passes where the file is there, and the pattern is not in it. */
export const fileLacks = defineCheck({
  name: "file_lacks",
  value: z.strictObject({ file: text, pattern }, "must be file and pattern"),
  title: (value) => `${value.file} /${value.pattern}/`,
  files: ({ file }) => [file],
  async run(value, { workspace }) {
    const { outcome, characters, sha256 } = await searchFile(workspace, value.file, value.pattern);
    const evidence = sha256 === undefined ? {} : { sha256 };
    if (outcome === "not-found")
      return { ok: true, found: `the pattern is not in the file (${characters} characters)`, evidence };
    return { ok: false, found: whyNotSearched(outcome) ?? "the pattern was found in the file", evidence };
  },
});
