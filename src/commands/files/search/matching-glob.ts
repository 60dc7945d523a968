import picomatch from "picomatch";
import { asGlob } from "../../../base/folders/glob.js";
import { withTimeLimit } from "../../../base/waiting/with-time-limit.js";

/**
 * Those of these paths below the workspace that fit a pattern (`*`, `**`, `?`, `{a,b}`), from the workspace or from `directory` on;
 * one without `/` is compared with the name alone. Throws an Error for the model where that takes
 * longer than this: it can grow exponentially with the stars of the pattern.
 */
export function matchingGlob(paths: readonly string[], glob: string, directory = "", longestMs = 5000): string[] {
  const trimmed = glob.trim().replace(/^\.?\//, "");
  const start = `${directory.replace(/^\.\/|\/+$/g, "")}/`;
  const found = withTimeLimit(longestMs, () => {
    const fits = picomatch(asGlob(trimmed), { dot: true, basename: !trimmed.includes("/"), nocase: true });
    return paths.filter((path) => fits(path) || (path.startsWith(start) && fits(path.slice(start.length))));
  });
  if (found === null) throw new Error("The pattern for names takes too long. Use one with fewer stars.");
  return found;
}
