import type { ErrorBody } from "./error-body.js";

/** `enough`: with an answer of at most this many tokens, what is sent may stay as it is. */
export type AnswerCeiling = { tokens: number; enough: boolean };

/** In a window that is too small for prompt and answer together, the answer gets this share, as in compose/models.ts. */
const answerShare = 1 / 4;
/** No answer is limited to fewer tokens than this: numbers below it stand for something else. */
const leastCeiling = 16;

const limitNames = "(?:max_completion_tokens|max_tokens|max_new_tokens|max_output_tokens|maxOutputTokens)";
const limitName = new RegExp(`^${limitNames}$`);
const aboutLimit = new RegExp(
  String.raw`\b${limitNames}\b|\b(?:completion|output|generated) tokens\b|\bmaximum tokens you requested\b`,
  "i",
);
const tooMuch =
  /too (?:large|high|big|many)|at most|maximum|exceed|(?:less|lower|smaller|greater) than|cannot be (?:more|larger)|range|<=| > |must be (?:between|in)|above|\blimit\b/i;
const unknownParameter =
  /\b(?:unsupported|unknown|unrecognized|unexpected|not (?:supported|permitted|allowed))\b.{0,40}\b(?:parameter|argument|field|input|keyword)|extra inputs|not supported with|use 'max_/i;

/**
 * The most that an answer may have by what a refusal says, where the limit that was sent is what is too much: the number
 * that is named, or half. Undefined where the refusal is about something else.
 */
export function answerCeiling({ message, param, names }: ErrorBody, sent: number): AnswerCeiling | undefined {
  if (!(param !== null && limitName.test(param)) && !aboutLimit.test(message)) return undefined;
  const isTooMuch = tooMuch.test(message) || names.has("integer_above_max_value");
  if (!isTooMuch || unknownParameter.test(message) || names.has("unsupported_parameter")) return undefined;
  const below = numbersIn(message).filter((one) => one >= leastCeiling && one < sent);
  const tokens = below.length > 0 ? Math.max(...below) : Math.floor(sent / 2);
  return tokens >= leastCeiling ? { tokens, enough: true } : undefined;
}

const count = String.raw`(\d{1,3}(?:,\d{3})+|\d+)`;
const windowSize = new RegExp(
  String.raw`(?:context[ _]?(?:length|window|size|limit)|(?:maximum|model|context) (?:prompt |total )?(?:length|tokens)|\blimit\b|max_new_tokens\W*(?:must be )?<=)[^\d.]{0,40}${count}`,
  "gi",
);
const promptSizes = [
  new RegExp(String.raw`${count} \+ ${count} > ${count}`),
  new RegExp(String.raw`\bfirst ${count} tokens`, "i"),
  new RegExp(
    String.raw`${count}\s+(?:tokens )?(?:in|of|from|for) (?:the |your )?(?:text )?(?:input|messages?|prompt)`,
    "i",
  ),
  new RegExp(String.raw`${count}\s+\W?(?:inputs?|prompt|messages?)\W? tokens`, "i"),
  new RegExp(String.raw`\b(?:prompt|inputs?|messages?)\b[^.\d]{0,40}${count}\s*tokens`, "i"),
];
const sumOfWindow = new RegExp(String.raw`\d \+ ${count} > ${count}`);
const requestedSize = new RegExp(String.raw`\brequested[^.\d]{0,25}${count}`, "i");

/**
 * What an answer may have of a window that is too small for what was sent and the answer together: a quarter of it.
 * Undefined where the limit that was sent is no more than that, so that it is the prompt that has to be shorter.
 */
export function answerShareOf({ message }: ErrorBody, sent: number): AnswerCeiling | undefined {
  const [, , whole] = sumOfWindow.exec(message) ?? [];
  const windows = whole ? [numberOf(whole)] : [...message.matchAll(windowSize)].map(([, size = ""]) => numberOf(size));
  const window = windows.find((size) => size * answerShare >= leastCeiling && size * answerShare < sent);
  if (window === undefined) return undefined;
  const tokens = Math.floor(window * answerShare);
  return { tokens, enough: (promptSize(message, sent) ?? 0) + tokens <= window };
}

function promptSize(message: string, sent: number): number | undefined {
  for (const pattern of promptSizes) {
    const [, size] = pattern.exec(message) ?? [];
    if (size !== undefined) return numberOf(size);
  }
  const [, all] = requestedSize.exec(message) ?? [];
  return all !== undefined && numberOf(all) > sent ? numberOf(all) - sent : undefined;
}

/** The numbers of a message; digits within names, as those of models, are none. */
const numbersIn = (message: string): number[] =>
  [...message.matchAll(new RegExp(String.raw`(?<![\w.-])${count}(?![\w-]|[.,]\d)`, "g"))].map(([, one = ""]) =>
    numberOf(one),
  );

const numberOf = (text: string): number => Number(text.replaceAll(",", ""));
