import type { FakeOpenAiOptions } from "../fake-open-ai.js";
import type { Fault } from "../fake-faults.js";
import type { Used } from "../model-answers.js";
import { createPromptCache, type PromptCache } from "./fake-prompt-cache.js";

/** One way in which a server reports, fails and charges. */
export type Shape = {
  name: string;
  options: Omit<FakeOpenAiOptions, "chat">;
  /** The books are the bill, not only at least as high. */
  exact?: boolean;
  /** One answer may be charged with more than its limit. */
  overruns?: boolean;
};

const honest = ({ prompt, completion }: Used) => ({ prompt_tokens: prompt, completion_tokens: completion });
const reports = (report: (used: Used) => object | null): Shape["options"] => ({ accounting: { report } });

/** Every second chat request is charged in full, and comes to this. */
const struck = (fault: Fault, every = 2): Shape["options"] => ({
  faults: (_, index) => (index % every === 1 ? fault : undefined),
});
const status = (code: number, billed = true): Fault => ({
  status: code,
  headers: { "retry-after-ms": "1" },
  body: "",
  billed,
});
/** A server that keeps prompts as the service does by itself, whatever it is asked. */
const implicit = (): PromptCache => {
  const cache = createPromptCache();
  return { use: (request) => cache.use({ ...request, prompt_cache_options: undefined }) };
};
const refusedCache = {
  error: { message: "Unknown parameter: prompt_cache_options", type: "x", code: null, param: null },
};

/** The ways, made anew for each run: caches are empty at its start. */
export const billingShapes = (): Shape[] => [
  { name: "usage as OpenAI reports it", options: {}, exact: true },
  { name: "a cache that charges for writing", options: { cache: createPromptCache() }, exact: true },
  { name: "a cache that ignores breakpoints", options: { cache: implicit() }, exact: true },
  {
    name: "a server that refuses breakpoints and writes every prompt",
    options: { cache: implicit(), faults: { 0: { status: 400, body: refusedCache } } },
    exact: true,
  },
  { name: "a cache that loses what it keeps", options: { cache: createPromptCache({ lifeMs: 0 }) }, exact: true },
  {
    name: "a cache that charges for writing, of an answer that is lost",
    options: { cache: createPromptCache(), ...struck("cut", 5) },
  },
  { name: "a cache without a charge", options: { cache: true }, exact: true },
  { name: "no usage", options: reports(() => null) },
  { name: "no usage, and a cache that charges for writing", options: { ...reports(() => null), cache: implicit() } },
  {
    name: "no usage, three characters a token",
    options: { accounting: { report: () => null, count: (text) => Math.ceil(text.length / 3) } },
  },
  {
    name: "no usage, four characters a token",
    options: { accounting: { report: () => null, count: (text) => Math.ceil(text.length / 4) } },
  },
  { name: "no usage, the form charged", options: { accounting: { report: () => null, billsSchema: true } } },
  { name: "the form charged and reported", options: { accounting: { billsSchema: true } }, exact: true },
  { name: "no completion_tokens", options: reports(({ prompt }) => ({ prompt_tokens: prompt })) },
  { name: "completion_tokens 0", options: reports((used) => ({ ...honest(used), completion_tokens: 0 })) },
  { name: "completion_tokens 1", options: reports((used) => ({ ...honest(used), completion_tokens: 1 })) },
  { name: "completion_tokens negative", options: reports((used) => ({ ...honest(used), completion_tokens: -9 })) },
  { name: "completion_tokens null", options: reports((used) => ({ ...honest(used), completion_tokens: null })) },
  { name: "no prompt_tokens", options: reports(({ completion }) => ({ completion_tokens: completion })) },
  { name: "prompt_tokens 0", options: reports((used) => ({ ...honest(used), prompt_tokens: 0 })) },
  { name: "total_tokens alone", options: reports((used) => ({ total_tokens: used.prompt + used.completion })) },
  { name: "negative numbers", options: reports(() => ({ prompt_tokens: -1, completion_tokens: -1 })) },
  {
    name: "cached tokens negative",
    options: reports((used) => ({ ...honest(used), prompt_tokens_details: { cached_tokens: -1e6 } })),
  },
  {
    name: "numbers as text",
    options: reports((used) => ({ prompt_tokens: `${used.prompt}`, completion_tokens: `${used.completion}` })),
  },
  { name: "2^53", options: reports(() => ({ prompt_tokens: 2 ** 53, completion_tokens: 2 ** 53 })) },
  {
    name: "names of the Responses protocol",
    options: reports(({ prompt, completion }) => ({ input_tokens: prompt, output_tokens: completion })),
  },
  ...[408, 409, 500, 502, 503, 504, 520, 524, 529].map((code) => ({
    name: `status ${code}, charged`,
    options: struck(status(code)),
  })),
  { name: "status 429, not charged", options: struck(status(429, false)), exact: true },
  { name: "a dropped connection, charged", options: struck("drop", 4) },
  { name: "a cut answer, charged", options: struck("cut", 4) },
  { name: "a page in place of an answer, charged", options: struck("garbage", 4) },
  { name: "an empty body, charged", options: struck("empty-body", 4) },
  { name: "thinking beyond the limit", options: { accounting: { beyondLimit: 9_000 } }, overruns: true, exact: true },
];
