import { createHash } from "node:crypto";
import * as z from "zod";
import { defineCheck, type CheckResult } from "../check.js";
import { text } from "../values.js";

const usualSeconds = 30;
const excerptCharacters = 300;

const forms = "must be an address, or url with status, contains and timeout, all optional but the first";
const webAddress = text.refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), {
  error: "must be an address that begins with http:// or https://",
});
const statuses = "must be a status from 100 to 599";
const seconds = "must be a number of seconds from 1 to 300";
const inFull = z.strictObject(
  {
    url: webAddress,
    status: z.int(statuses).min(100, statuses).max(599, statuses).exactOptional(),
    contains: text.exactOptional(),
    timeout: z.number(seconds).min(1, seconds).max(300, seconds).exactOptional(),
  },
  forms,
);
type Wanted = z.infer<typeof inFull>;

/** Passes where the address answers with a status from 200 to 299, or with `status`, and the answer has the text `contains`. */
export const http = defineCheck({
  name: "http",
  value: z.union([webAddress, inFull], forms),
  title: (value) => wantedOf(value).url,
  elsewhere: true,
  async run(value, { requestPage }): Promise<CheckResult> {
    const { url, status: expected, contains, timeout = usualSeconds } = wantedOf(value);
    if (requestPage === undefined) return { ok: false, found: "nothing can be asked for over the network here" };
    const { status, text: answer } = await requestPage(url, timeout);
    const evidence = {
      sha256: createHash("sha256").update(answer).digest("hex"),
      excerpt: answer.slice(0, excerptCharacters),
    };
    const isExpected = expected === undefined ? status >= 200 && status <= 299 : status === expected;
    if (!isExpected)
      return { ok: false, found: `status ${status}, expected ${expected ?? "one from 200 to 299"}`, evidence };
    if (contains === undefined) return { ok: true, found: `status ${status}`, evidence };
    const has = answer.includes(contains);
    const shown = JSON.stringify(contains);
    return {
      ok: has,
      found: `status ${status}, and ${shown} is ${has ? "" : "not "}in the answer (${answer.length} characters)`,
      evidence,
    };
  },
});

const wantedOf = (value: string | Wanted): Wanted => (typeof value === "string" ? { url: value } : value);
