import { patternCheck } from "../read-file.js";

/** Passes where the file is there, and the pattern is not in it. */
export const fileLacks = patternCheck("file_lacks", (outcome, characters) =>
  outcome === "not-found"
    ? { ok: true, found: `the pattern is not in the file (${characters} characters)` }
    : { ok: false, found: "the pattern was found in the file" },
);
