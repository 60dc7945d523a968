import { hintOf, type Hint } from "./hint.js";
import { openNames, protectedNames } from "./names.js";
import { pathPattern } from "./pattern.js";
import type { Access } from "./rule.js";

/** The source of a regular expression with the flags "ius", for paths from the workspace on, and what tells most of the others from them. */
export type KnownNames = Readonly<{ source: string; hint: Hint | null }>;
export type BuiltIn = Readonly<Record<"hidden" | "readOnly" | "notHidden", KnownNames>>;

/** What the built-in list protects. The build has the answer itself in place of this: see build/made-sources.js. */
export function builtInSources(): BuiltIn {
  const known = (names: readonly string[]): KnownNames => ({ source: pathPattern(names), hint: hintOf(names) });
  const withAccess = (access: Access): string[] =>
    protectedNames.filter((one) => one.access === access).flatMap((one) => one.names.split(" "));
  return {
    hidden: known(withAccess("hidden")),
    readOnly: known(withAccess("read-only")),
    notHidden: known(openNames.split(" ")),
  };
}
