/**
 * What a server means that does not answer a request:
 * - wait: later it may answer. `loading`: its model is about to be ready
 * - shorter: too much was sent at once
 * - other-form: it does not take a parameter, its value, a role or a form of reply; or it does not say what it is about
 * - filtered: what was sent, or what came of it, is not allowed there
 * - cannot: it never will, as long as nothing is changed about the key, the account, the address or the model
 * - broken: it, or something before it, has a fault
 */
export type Said =
  | { kind: "wait"; loading: boolean }
  | { kind: "shorter" | "other-form" | "filtered" | "broken" }
  | { kind: "cannot"; why: "wrong-key" | "spent-quota" | "unknown-model" | "refused" };

/** One way of saying it: what is given of status, names (codes, types, reasons) and words has to fit. */
export type Saying = { means: Said; status?: RegExp; names?: readonly string[]; words?: RegExp; page?: boolean };

const cannot = (why: (Said & { kind: "cannot" })["why"]): Said => ({ kind: "cannot", why });
const wait: Said = { kind: "wait", loading: false };
const shorter: Said = { kind: "shorter" };
const filtered: Said = { kind: "filtered" };
const otherForm: Said = { kind: "other-form" };

const words = (list: string): string[] => list.trim().split(/\s+/);
/** Matches where one of the patterns does, in any case of letters. */
const oneOf = (...patterns: string[]): RegExp => new RegExp(patterns.join("|"), "i");

/** With these statuses servers say that something is wrong with the request itself; some call that a fault of theirs. */
const aboutRequest = /^(?:400|403|413|422|451|500)$/;

/** What a template says that takes no such conversation, whatever its words for role and system message are. */
export const aboutRoles = /\b(?:roles?|alternat\w*|(?:system|developer)[ _-]?(?:role|message|prompt|instruction)s?)\b/i;

const sent = String.raw`\b(?:prompt|inputs?|request|messages?|conversation|context|texts?|payload|body|entity|content)\b`;

/** The first that fits counts. Codes stand before words, and what is certain before what is likely. */
export const sayings: readonly Saying[] = [
  { means: cannot("wrong-key"), status: /^401$/ },
  {
    means: cannot("wrong-key"),
    status: /^(?:400|403)$/,
    names: words("invalid_api_key api_key_invalid authentication_error"),
  },
  {
    means: cannot("wrong-key"),
    status: /^(?:400|403)$/,
    words: /\bapi[ _-]?key\b.{0,40}\b(?:not valid|invalid|incorrect|expired)|\b(?:invalid|incorrect) api[ _-]?key/i,
  },
  { means: cannot("spent-quota"), status: /^402$/ },
  {
    means: cannot("spent-quota"),
    names: words(
      `insufficient_quota billing_hard_limit_reached billing_not_active quota_exceeded insufficient_balance
       exceeded_current_quota_error arrearage insufficient_credits 1113`,
    ),
  },
  {
    means: cannot("spent-quota"),
    status: /^(?:400|403|429)$/,
    words: oneOf(
      "credit balance is too low",
      String.raw`insufficient (?:account )?(?:balance|credits?|funds)`,
      String.raw`\b(?:no|any|enough|out of) credits`,
      "\u4f59\u989d\u4e0d\u8db3",
    ),
  },
  {
    means: { kind: "wait", loading: true },
    status: /^(?:425|500|503)$/,
    words: oneOf(
      String.raw`\b(?:model|server|weights?)\b.{0,60}\bloading`,
      String.raw`\bloading\b.{0,20}\b(?:model|weights)`,
      String.raw`^loading\b`,
      "warming up|still starting",
    ),
  },
  {
    means: shorter,
    names: words(
      `context_length_exceeded exceed_context_size_error string_above_max_length array_above_max_length
       tokens_limit_reached request_too_large 1261`,
    ),
  },
  { means: shorter, status: /^413$/ },
  {
    means: filtered,
    status: aboutRequest,
    names: words(
      `content_filter content_policy_violation responsibleaipolicyviolation content_policy data_inspection_failed
       datainspectionfailed moderation_blocked content_moderation sensitive_words_detected invalid_prompt
       prohibited_content safety guardrail_intervened 1301`,
    ),
  },
  {
    means: filtered,
    status: aboutRequest,
    words: oneOf(
      String.raw`content[ _-](?:management|filter\w*|moderation)|content exists risk|datainspectionfailed`,
      String.raw`\b(?:prompt|input|content|request|message|output|response)s?\b.{0,80}\b(?:flagged|filtered|moderat\w+|inappropriate)`,
      String.raw`\b(?:violat\w+|against)\b.{0,60}\b(?:polic(?:y|ies)|guidelines|terms)`,
      String.raw`prohibited content|safety (?:system|filter|check)|requires moderation|blocked by (?:the |a )?(?:content|safety|guardrail)`,
      String.raw`sensitive (?:words?|content|information)`,
    ),
  },
  {
    means: shorter,
    status: /^429$/,
    words: oneOf(
      "too large for",
      String.raw`(?:tokens|size|length) must be reduced`,
      String.raw`reduce (?:the |your )?(?:message|input|prompt|request|length)`,
    ),
  },
  { means: wait, status: /^(?:429|498)$/ },
  {
    means: shorter,
    status: aboutRequest,
    words: oneOf(
      String.raw`${sent}[^.]{0,60}\b(?:too (?:long|large|big)|exceed\w*|overflow\w*|longer than|larger than)`,
      String.raw`\b(?:exceed\w*|longer than|larger than|greater than|beyond)\b[^.]{0,60}\b(?:context|token limit|max(?:imum)? (?:number of |input |prompt |sequence )?(?:tokens?|length))`,
      String.raw`maximum (?:context|prompt|input|sequence) length|context the overflows`,
      String.raw`\btoo many (?:input |prompt |total )?tokens\b`,
      String.raw`\breduce (?:the |your )?(?:length|size|message|input|prompt)|shorter (?:input|prompt)`,
      String.raw`must have (?:less|fewer) than \d+ tokens|input length should be|\binputs?\b.{0,10}tokens? \+ `,
      String.raw`\bbatch(?: size)?\b[^.]{0,60}\b(?:invalid|larger|exceed\w*|at most|maximum)|at most \d+ (?:requests|inputs|texts|items)|array too long`,
      "increase the physical batch size",
    ),
  },
  {
    means: cannot("unknown-model"),
    names: words("model_not_found model_not_exist model_decommissioned deploymentnotfound"),
  },
  {
    means: cannot("unknown-model"),
    status: /^(?:400|403)$/,
    words: oneOf(
      String.raw`\b(?:model|deployment)\b[^.]{0,80}\b(?:not exist|not found|decommissioned)`,
      String.raw`\bis not a valid model|\b(?:invalid|unknown|no such) model\b`,
    ),
  },
  {
    means: otherForm,
    status: /^404$/,
    words: /requested parameters|support(?:s|ing)? (?:tool|structured|response|json)/i,
  },
  { means: cannot("unknown-model"), status: /^(?:404|405|410|501)$/ },
  {
    means: wait,
    status: /^(?:503|529)$/,
    words: /overloaded|too many|busy|capacity|try again|maximum pending|rate limit|throttl/i,
  },
  { means: otherForm, status: /^500$/, words: aboutRoles },
  // A page comes from something before the server, to which no other form of the request would help.
  { means: otherForm, status: /^(?:400|422)$/, page: false },
  { means: { kind: "broken" }, status: /^(?:408|409|424|425|499|5\d\d|[67]\d\d)$/ },
];
