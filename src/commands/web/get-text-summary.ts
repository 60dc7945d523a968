import * as z from "zod";
import { defineCommand } from "../command.js";
import { addressPart } from "../preview.js";
import { questionPage, untrusted } from "./question-page.js";

export const getTextSummary = defineCommand({
  name: "get_text_summary",
  label: "Get Text Summary",
  args: z.object({ url: z.string().describe("<url>"), question: z.string().default("").describe("<question>") }),
  effect: "reads",
  hidden: true,
  foreign: ({ url }) => ({ kind: "page", from: url }),
  review: async ({ url }) => ({ reach: { kind: "reads", address: url } }),
  preview: async ({ url, question }) => [addressPart(url), { kind: "text", title: "question", text: question }],
  async run({ url, question }, context) {
    const { page, answer } = await questionPage(url, question, context);
    return `"Result" : ${untrusted(page, answer)}`;
  },
});
