import { hasShortName } from "./pattern.js";

/**
 * What a path has in it that a pattern of names fits: one of its names begins with one of `beginnings`, or one of `within` stands somewhere
 * in it. Most paths have neither, and are told from the others without the pattern, which takes V8 long to prepare.
 */
export type Hint = { beginnings: readonly string[]; within: readonly string[] };

/** So many letters are looked at. */
const longest = 4;

/** The hint for `pathPattern(names)`, of names in lower case; null: any path may fit it. */
export function hintOf(names: readonly string[]): Hint | null {
  const [beginnings, within] = [new Set<string>(), new Set<string>()];
  for (const name of names) {
    const [first = "", ...others] = name.replace(/^\//, "").split("*");
    if (first !== "") beginnings.add(first.slice(0, longest));
    else {
      const part = others.reduce((one, other) => (other.length > one.length ? other : one), "");
      if (part === "") return null;
      within.add(part);
    }
    if (hasShortName(name)) within.add("~");
  }
  return { beginnings: [...beginnings], within: [...within] };
}

/** Whether a path (in lower case, "/" between names) may fit the pattern that the hint is for; if not, it does not fit. */
export function mayFit({ beginnings, within }: Hint): (path: string) => boolean {
  const known = new Set(beginnings);
  return (path) => {
    if (within.some((part) => path.includes(part))) return true;
    for (let at = 0; ;) {
      for (let length = 1; length <= longest; length += 1) if (known.has(path.slice(at, at + length))) return true;
      const end = path.indexOf("/", at);
      if (end === -1) return false;
      at = end + 1;
    }
  };
}
