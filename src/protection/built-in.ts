import { openNames, protectedNames } from "./names.js";
import { pathPattern } from "./pattern.js";
import type { Access } from "./rule.js";

/** Sources of regular expressions with the flags "ius", for paths from the workspace on. */
export type BuiltIn = Readonly<Record<"hidden" | "readOnly" | "notHidden", string>>;

/** What the built-in list protects. The build has the sources themselves in place of this: see build/made-sources.js. */
export function builtInSources(): BuiltIn {
  const names = (access: Access): string =>
    pathPattern(protectedNames.filter((one) => one.access === access).flatMap((one) => one.names.split(" ")));
  return { hidden: names("hidden"), readOnly: names("read-only"), notHidden: pathPattern(openNames.split(" ")) };
}
