import * as z from "zod";
import { defineCommand } from "../command.js";

/** Searches the web. Google gives a list of links, every other engine titles and extracts as well. */
export const google = defineCommand({
  name: "google",
  label: "Google Search",
  args: z.object({ input: z.string().describe("<search>") }),
  effect: "reads",
  synonyms: ["search"],
  renames: { query: "input" },
  foreign: ({ input }) => ({ kind: "search", from: input }),
  review: async ({ input }) => ({ reach: { kind: "searches", text: input } }),
  async run({ input }, { web, signal }) {
    const { linksOnly, results } = await web.search(input, signal);
    const links = results.map(({ href }) => href);
    return { ok: true, text: JSON.stringify(linksOnly ? links : results, null, 4), links };
  },
});
