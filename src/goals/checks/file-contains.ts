import { patternCheck } from "../read-file.js";

export const fileContains = patternCheck("file_contains", (outcome, characters) =>
  outcome === "found"
    ? { ok: true, found: "found" }
    : { ok: false, found: `the pattern was not found in the file (${characters} characters)` },
);
