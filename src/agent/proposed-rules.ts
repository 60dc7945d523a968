import type { Review } from "../commands/command.js";
import type { PreparedCommand } from "../commands/prepare.js";
import type { ApprovalRule } from "../history/approval-rule.js";
import { fits, literalPattern } from "../base/names/wildcards.js";

/**
 * The rules that allow a call, and as little else as a rule can say: a path, each command of a shell line, a host. Null
 * where no rule can: nothing confines the code, or its parts cannot be told.
 */
export function proposedRules({
  command,
  review,
}: {
  command: PreparedCommand;
  review: Review;
}): ApprovalRule[] | null {
  const { name, args } = command.call;
  if (review.unconfined) return null;
  const always = (pattern: string | null): ApprovalRule => ({ command: name, pattern, decision: "always" });
  const patterns = patternsFor(args, review);
  if (patterns === "every call") return [always(null)];
  return patterns === null || patterns.length === 0 ? null : patterns.map(always);
}

/** All pages of a host, where the address is written so that this fits it; else the address alone. */
function patternForAddress(url: string): string {
  const pages = URL.canParse(url) ? `${literalPattern(new URL(url).origin)}/*` : "";
  return fits(pages, url) ? pages : literalPattern(url);
}

function patternsFor(args: Record<string, unknown>, { subjects }: Review): string[] | "every call" | null {
  const { url } = args;
  if (typeof url === "string") return [patternForAddress(url)];
  const isAboutParts = ["file", "directory", "command_line"].some((name) => typeof args[name] === "string");
  if (!isAboutParts) return "every call";
  return subjects ? [...new Set(subjects)].map(literalPattern) : null;
}
