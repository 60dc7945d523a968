import * as z from "zod";
import { defineCommand } from "../command.js";
import { addressPart } from "../preview.js";
import { untrusted } from "./question-page.js";

export const getHyperlinks = defineCommand({
  name: "get_hyperlinks",
  label: "Get Hyperlinks",
  args: z.object({ url: z.string().describe("<url>") }),
  effect: "reads",
  hidden: true,
  preview: async ({ url }) => [addressPart(url)],
  async run({ url }, { web, signal }) {
    const page = await web.readPage(url, signal);
    const lines = page.links.map(({ text, url: to }) => `${text === "" ? "link" : text} (${to})`);
    return `Links ${untrusted(page, lines.length === 0 ? "The page has no links." : lines.join("\n"))}`;
  },
});
