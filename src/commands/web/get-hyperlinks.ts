import * as z from "zod";
import { defineCommand } from "../command.js";
import { addressPart } from "../preview.js";
import { untrusted } from "./question-page.js";

/** So many links are kept in the journal as addresses that may be read. */
const mostLinks = 200;

export const getHyperlinks = defineCommand({
  name: "get_hyperlinks",
  label: "Get Hyperlinks",
  args: z.object({ url: z.string().describe("<url>") }),
  effect: "reads",
  hidden: true,
  foreign: ({ url }) => ({ kind: "page", from: url }),
  review: async ({ url }) => ({ reach: { kind: "reads", address: url } }),
  preview: async ({ url }) => [addressPart(url)],
  async run({ url }, { web, signal }) {
    const page = await web.readPage(url, signal);
    const lines = page.links.map(({ text, url: to }) => `${text === "" ? "link" : text} (${to})`);
    const text = `Links ${untrusted(page, lines.length === 0 ? "The page has no links." : lines.join("\n"))}`;
    return { ok: true, text, links: page.links.slice(0, mostLinks).map(({ url: to }) => to) };
  },
});
