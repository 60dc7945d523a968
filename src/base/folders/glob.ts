/**
 * A pattern for paths as picomatch is to read it: `*`, `**`, `?`, `[a-z]` and `{a,b}` mean something, and brackets in names, as in
 * `app/(shop)/page.tsx`, are what they are, as in .gitignore.
 */
export function asGlob(pattern: string): string {
  const plain = pattern.replace(/[()|]/g, "\\$&");
  return isClosed(plain) ? plain : plain.replace(/[{}]/g, "\\$&");
}

/** Whether each `{` has its `}`. */
function isClosed(pattern: string): boolean {
  let open = 0;
  for (const letter of pattern.replace(/\\./g, "")) {
    open += letter === "{" ? 1 : letter === "}" ? -1 : 0;
    if (open < 0) return false;
  }
  return open === 0;
}
