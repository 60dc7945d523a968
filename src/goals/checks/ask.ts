import * as z from "zod";
import { defineCheck, type CheckResult } from "../check.js";
import { readJudged } from "../read-file.js";
import { text } from "../values.js";

/** A shorter quotation stands in nearly every text. */
const leastQuotation = 12;

/**
 * Passes where the smart model answers yes to the question about the file, with a quotation that stands in it. That is
 * a judgement, and no proof.
 */
export const ask = defineCheck({
  name: "ask",
  value: z.strictObject({ question: text, file: text }, "must be question and file"),
  title: (value) => `${JSON.stringify(value.question)} of ${value.file}`,
  files: ({ file }) => [file],
  basis: async () => ({ fixed: [], judgedBy: "a model" }),
  async run({ question, file }, { workspace, askModel }): Promise<CheckResult> {
    const judged = await readJudged(workspace, file);
    if (judged === null) return { ok: false, found: "file not found" };
    const { text: content, sha256 } = judged;
    if (content.trim() === "") return { ok: false, found: "the file is empty", evidence: { sha256 } };
    if (askModel === undefined) return { ok: false, found: "no model can be asked here", evidence: { sha256 } };
    const { yes, quotation } = await askModel(question, content);
    const quoted = quotation.trim();
    const evidence = { sha256, excerpt: quoted };
    if (!yes)
      return { ok: false, found: `the model says no${quoted === "" ? "" : `: ${JSON.stringify(quoted)}`}`, evidence };
    const needed = Math.min(leastQuotation, content.trim().length);
    if (quoted.length < needed || !content.includes(quoted))
      return {
        ok: false,
        found: `the model says yes, but what it quotes does not stand in the file: ${JSON.stringify(quoted)}`,
        evidence,
      };
    return { ok: true, found: `the model says yes: ${JSON.stringify(quoted)}`, evidence };
  },
});
