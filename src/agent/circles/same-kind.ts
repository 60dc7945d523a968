/**
 * What differs between two results that say the same: times, durations, ids, temporary files and numbers that count
 * attempts. A share, an amount or any other number is left alone, since it may be the progress that is waited for.
 */
const volatile: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?)?/g, "<time>"],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? (?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} [A-Z][a-z]{2})\b,?/g, "<time>"],
  [/\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\b\.?)?/g, "<time>"],
  [/\b\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d\d)\b/g, "<time>"],
  [/\b1[5-9]\d{8}(?:\d{3})?(?:\.\d+)?\b/g, "<time>"],
  [/(?<=<time>) (?:UTC|GMT|[A-Z]{3,4}) \d{4}\b/g, ""],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<id>"],
  [/\b0x[0-9a-f]{4,}\b/gi, "<id>"],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}\b/gi, "<id>"],
  [/(?:\/private)?\/(?:var\/)?tmp\/[^\s"'`,;:)\]}]+/g, "<temporary file>"],
  [/\/var\/folders\/[^\s"'`,;:)\]}]+/g, "<temporary file>"],
  [/\b[A-Za-z]:\\[^\s"'`,;)\]}]{0,200}?\\Temp\\[^\s"'`,;)\]}]+/gi, "<temporary file>"],
  [/\b(?:tmp|temp)[-_.]?(?=[\w-]{0,80}\d)[\w-]{5,80}/g, "<temporary file>"],
  [/\b\d+(?:[.,]\d+)? ?(?:[mµun]s|s|secs?|seconds?|milliseconds?|minutes?|mins?|h|hours?)\b/g, "<duration>"],
  [/\b\d+(?:st|nd|rd|th)(?= (?:attempt|try|time|request|run)\b)/gi, "<count>"],
  [
    /\b(attempts?|try|tries|retry|retries|iteration|request(?:[ _-]?id)?|run|pid|process|session|connection|counter|sequence|seq|id|port|thread|call|visits?)\b((?: ?(?:no\.?|number|nr\.?|#)?) ?[:=#(]? ?)\d+/gi,
    "$1$2<count>",
  ],
  [/#\d+\b/g, "#<count>"],
];

/** A result without what differs each time although it says the same, and with all white space alike. */
export function withoutVolatile(text: string): string {
  let same = text;
  for (const [pattern, mark] of volatile) same = same.replace(pattern, mark);
  return same.replace(/\s+/g, " ").trim();
}

/** What an error says, whatever it says it of: names, paths and numbers are alike in it. */
export const kindOfError = (text: string): string =>
  withoutVolatile(text)
    .replace(/"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”/g, "<name>")
    .replace(/(?<!\S)[^\s/\\]*[/\\]\S*|\b[\w-]{1,80}\.[a-z]\w{0,5}\b/gi, "<name>")
    .replace(/\d+/g, "<count>")
    .toLowerCase();
