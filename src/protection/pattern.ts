/**
 * The source of a regular expression (flags "ius") that fits a path with one of these names in it, however a file system
 * may take them: with dots and spaces behind, a stream of NTFS, or the short name that DOS would give it; letters that are
 * not shown are taken out of the path before. `*` stands for any letters; a name that begins with `/` fits at the beginning of the path only.
 */
export function pathPattern(names: readonly string[]): string {
  const anywhere = names.filter((name) => !name.startsWith("/")).flatMap(spellings);
  const first = names.filter((name) => name.startsWith("/")).map((name) => lettersOf(name.slice(1)));
  const end = `[. ]*(?::[^/]*)?(?:/|$)`;
  return [
    ...(anywhere.length > 0 ? [`(?:^|/)${anyOfThese(anywhere)}${end}`] : []),
    ...(first.length > 0 ? [`^${anyOfThese(first)}${end}`] : []),
  ].join("|");
}

/** Letters that some file systems leave out when they compare names: a regular expression with the flags "gu". */
export const unseen = "[\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff]";

/** A name as the patterns of its letters, one after the other. */
const lettersOf = (name: string): string[] =>
  [...name].map((letter) => (letter === "*" ? "[^/]*" : special.has(letter) ? `\\${letter}` : letter));

/** Looked up for each letter of each name at every start. */
const special = new Set(".+?^${}()|[]\\/");

function spellings(name: string): string[][] {
  const short = shortSpelling(name);
  return short === null ? [lettersOf(name)] : [lettersOf(name), short];
}

const shortSpelling = (name: string): string[] | null => (name.includes("*") ? null : shortName(name));

/** Whether the pattern of this name fits a short name as well, which has "~" in it. */
export const hasShortName = (name: string): boolean => !name.startsWith("/") && shortSpelling(name) !== null;

/**
 * By what else DOS finds a file whose name is none of its own: six letters, a number, and three letters behind the dot.
 * Null for a name that it takes as it is.
 */
function shortName(name: string): string[] | null {
  const plain = name.replace(/^\.+/, "");
  const dot = plain.lastIndexOf(".");
  const [base, extension] = dot > 0 ? [plain.slice(0, dot), plain.slice(dot + 1)] : [plain, ""];
  if (plain === name && base.length <= 8 && extension.length <= 3 && !base.includes(".")) return null;
  const start = lettersOf(base.replace(/[. ]/g, "").slice(0, 6));
  return [...start, "~", "\\d+", ...(extension === "" ? [] : lettersOf(`.${extension.slice(0, 3)}`))];
}

/** Any of these sequences from this letter on; what they begin with in common stands there once, so that a path is looked through quickly. */
function anyOfThese(sequences: readonly (readonly string[])[], from = 0): string {
  const byLetter = new Map<string, (readonly string[])[]>();
  for (const sequence of sequences) {
    const letter = sequence[from] ?? "";
    const alike = byLetter.get(letter);
    if (alike === undefined) byLetter.set(letter, [sequence]);
    else alike.push(sequence);
  }
  const parts = [...byLetter].map(([letter, alike]) => {
    if (letter === "") return "";
    return alike.length === 1 ? (alike[0] ?? []).slice(from).join("") : `${letter}${anyOfThese(alike, from + 1)}`;
  });
  // A shorter name stands behind the longer ones that begin with it.
  const sorted = parts.sort((one, other) => other.length - one.length);
  return sorted.length === 1 ? (sorted[0] as string) : `(?:${sorted.join("|")})`;
}
