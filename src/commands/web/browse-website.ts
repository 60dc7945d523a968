import * as z from "zod";
import { defineCommand } from "../command.js";
import { addressPart } from "../preview.js";
import { questionPage, untrusted } from "./question-page.js";

const shownLinks = 5;

export const browseWebsite = defineCommand({
  name: "browse_website",
  label: "Browse Website",
  args: z.object({
    url: z.string().describe("<url>"),
    question: z.string().default("").describe("<what_you_want_to_find_on_website>"),
  }),
  effect: "reads",
  foreign: ({ url }) => ({ kind: "page", from: url }),
  review: async ({ url }) => ({ reach: { kind: "reads", address: url } }),
  preview: async ({ url, question }) => [addressPart(url), { kind: "text", title: "question", text: question }],
  async run({ url, question }, context) {
    const { page, answer } = await questionPage(url, question, context);
    const links = page.links.slice(0, shownLinks);
    const lines = links.map(({ text, url: to }) => `${text === "" ? "link" : text} (${to})`);
    const list = lines.length === 0 ? "Links: none" : `Links:\n${lines.join("\n")}`;
    const text = `Answer gathered from website ${untrusted(page, answer)}\n\n${list}`;
    return { ok: true, text, links: links.map(({ url: to }) => to) };
  },
});
