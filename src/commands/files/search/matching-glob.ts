import picomatch from "picomatch";
import { asGlob } from "../../../base/folders/glob.js";
import { usualTimeLimits, type TimeLimits } from "../../../base/waiting/time-limits.js";
import { withTimeLimit } from "../../../base/waiting/with-time-limit.js";

/**
 * Those of these paths below the workspace that fit a pattern (`*`, `**`, `?`, `{a,b}`), from the workspace or from `directory` on;
 * one without `/` is compared with the name alone. Throws an Error for the model where that takes
 * too long: it can grow exponentially with the stars of the pattern.
 */
export function matchingGlob(
  paths: readonly string[],
  glob: string,
  directory = "",
  timeLimits: TimeLimits = usualTimeLimits,
): string[] {
  const trimmed = glob.trim().replace(/^\.?\//, "");
  const start = `${directory.replace(/^\.\/|\/+$/g, "")}/`;
  const find = (): string[] => {
    const fits = picomatch(asGlob(trimmed), { dot: true, basename: !trimmed.includes("/"), nocase: true });
    return paths.filter((path) => fits(path) || (path.startsWith(start) && fits(path.slice(start.length))));
  };
  const found = isQuick(trimmed, paths) ? find() : withTimeLimit(longestMs, find, timeLimits);
  if (found === null) throw new Error("The pattern for names takes too long. Use one with fewer stars.");
  return found;
}

/**
 * Whether no text can make this pattern take long on so many paths: with one star the time grows with a path's length, with two with its
 * square. A time limit takes a thread of its own, which costs more than most searches do.
 */
function isQuick(glob: string, paths: readonly string[]): boolean {
  if (/[()[\]{}+!@]/.test(glob)) return false;
  const stars = glob.match(/\*+/g)?.length ?? 0;
  return stars <= 1 || (stars === 2 && paths.length <= fewPaths);
}

const fewPaths = 1000;
const longestMs = 5_000;
