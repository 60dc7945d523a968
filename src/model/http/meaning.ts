import { answerCeiling, answerShareOf, type AnswerCeiling } from "./answer-ceiling.js";
import type { ErrorBody } from "./error-body.js";
import type { RefusedRequest } from "./errors.js";
import { sayings, type Saying, type Said } from "./sayings.js";

/** What a refusal means, and how long an answer may be, where that is what was too much. */
export type Meaning = Said & { answer: AnswerCeiling | undefined };

/** Reads a refusal. `sentTokens`: the limit of the answer that was sent, where one was. */
export function meaningOf({ status, errorBody }: RefusedRequest, sentTokens?: number): Meaning {
  const said = sayings.find((saying) => fits(saying, status, errorBody))?.means ?? { kind: "cannot", why: "refused" };
  return { ...said, answer: sentTokens === undefined ? undefined : ceilingOf(said, errorBody, sentTokens) };
}

function ceilingOf({ kind }: Said, errorBody: ErrorBody, sentTokens: number): AnswerCeiling | undefined {
  if (kind === "shorter") return answerShareOf(errorBody, sentTokens);
  return kind === "other-form" ? answerCeiling(errorBody, sentTokens) : undefined;
}

/** The parameters that hold what is sent, or limit the answer. */
const aboutSize = /^(?:messages?|inputs?|prompt|contents?|max_\w*tokens)\b/;

function fits(saying: Saying, status: number, { names, message, param, isPage }: ErrorBody): boolean {
  if (saying.status && !saying.status.test(String(status))) return false;
  if (saying.page !== undefined && saying.page !== isPage) return false;
  if (saying.names) return saying.names.some((name) => names.has(name));
  if (saying.words === undefined) return true;
  if (saying.means.kind === "shorter" && param && !aboutSize.test(param)) return false;
  return !isPage && saying.words.test(message);
}

/** The status that an error within an answer stands for: the one that it names, else that of its name; 500 unless told. */
export function statusWithin({ status, names }: ErrorBody): number {
  if (status !== null) return status;
  const [, found] = namedStatuses.find(([name]) => [...names].some((one) => name.test(one))) ?? [];
  return found ?? 500;
}

const namedStatuses: readonly (readonly [RegExp, number])[] = [
  [/insufficient_(?:quota|credits|balance)/, 402],
  [/rate_?limit|too_?many_?requests|resource_exhausted|throttl/, 429],
  [/overloaded|unavailable/, 503],
  [/api_?key|authentication|unauthenticated|unauthorized/, 401],
  [/permission|forbidden/, 403],
  [/not_?found/, 404],
  [/content_filter|content_policy|context_length|bad_?request|invalid|exceed_context|validation|unsupported/, 400],
  [/timeout|deadline/, 504],
];
