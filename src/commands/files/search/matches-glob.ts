import picomatch from "picomatch";

/**
 * Whether a path below the workspace fits a pattern (`*`, `**`, `?`, `{a,b}`), from the workspace or from `directory` on;
 * one without `/` is compared with the name alone.
 */
export function matchesGlob(glob: string, directory = ""): (path: string) => boolean {
  const trimmed = glob.trim().replace(/^\.?\//, "");
  const fits = picomatch(trimmed, { dot: true, basename: !trimmed.includes("/"), nocase: true });
  const start = `${directory.replace(/^\.\/|\/+$/g, "")}/`;
  return (path) => fits(path) || (path.startsWith(start) && fits(path.slice(start.length)));
}
