import picomatch from "picomatch";
import { withinTime } from "../../../base/waiting/within-time.js";

/** How long it may take to compare all paths with a pattern: that can grow exponentially with its stars. */
const longestMs = 5000;

/**
 * Those of these paths below the workspace that fit a pattern (`*`, `**`, `?`, `{a,b}`), from the workspace or from `directory` on;
 * one without `/` is compared with the name alone. Throws an Error for the model where that takes too long.
 */
export function matchingGlob(paths: readonly string[], glob: string, directory = ""): string[] {
  const trimmed = glob.trim().replace(/^\.?\//, "");
  const start = `${directory.replace(/^\.\/|\/+$/g, "")}/`;
  const found = withinTime(longestMs, () => {
    const fits = picomatch(trimmed, { dot: true, basename: !trimmed.includes("/"), nocase: true });
    return paths.filter((path) => fits(path) || (path.startsWith(start) && fits(path.slice(start.length))));
  });
  if (found === null) throw new Error("The pattern for names takes too long. Use one with fewer stars.");
  return found;
}
