import { accessSync, constants } from "node:fs";
import { decide } from "../agent/approval-rules.js";
import { textOfPattern } from "../base/names/wildcards.js";
import { messageOf } from "../errors.js";
import type { ApprovalRule } from "../history/approval-rule.js";
import type { CheckShape } from "../settings/ai/ai.js";

/** The settings file as far as rules can be written into it: null where there is none, or it is closed. */
export function fileForRules(file: string): string | null {
  try {
    accessSync(file, constants.W_OK);
    return file;
  } catch {
    return null;
  }
}

const notWritten = "They hold in this run only.";

/**
 * Writes rules of the user's into ai_settings.yaml, where there is one, and says what became of it in a sentence. They
 * are not written where an earlier line of the file would decide all the same.
 */
export async function keepRules(
  file: string,
  rules: readonly ApprovalRule[],
  checks: readonly CheckShape[],
): Promise<string> {
  try {
    const [{ readTextFile, replaceTextFile }, { renderRules }, { parseAiSettings }] = await Promise.all([
      import("../settings/text-file.js"),
      import("../settings/ai/render-rules.js"),
      import("../settings/ai/parse.js"),
    ]);
    const before = await readTextFile(file);
    if (before === null) return notWritten;
    const text = renderRules(before, file, rules, checks);
    const { approve = [] } = parseAiSettings(text, file, checks);
    const isHeld = rules.every(
      ({ command, pattern }) => decide(approve, command, { subjects: [textOfPattern(pattern ?? "")] }) === "always",
    );
    if (!isHeld)
      return `An earlier line of approve: in ${file} decides otherwise, so nothing was written. ${notWritten}`;
    await replaceTextFile(file, text);
    return `Added to approve: of ${file}.`;
  } catch (thrown) {
    return `WARNING: the rules could not be written (${messageOf(thrown)}). ${notWritten}`;
  }
}
