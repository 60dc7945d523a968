import type { Review } from "../commands/command.js";
import type { PreparedCommand } from "../commands/prepare.js";
import type { ApprovalRule } from "../history/approval-rule.js";
import { fits } from "./approval-rules.js";

/**
 * The rules that allow a call, and as little else as a rule can say: a path, each command of a shell line, a host. Null
 * where no rule can: nothing confines the code, its parts cannot be told, or they hold what a pattern takes for any text.
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
function patternsForAddress(url: string): string[] | null {
  const origin = URL.canParse(url) ? new URL(url).origin : "";
  const pages = `${origin}/*`;
  if (!saysMore(origin) && fits(pages, url)) return [pages];
  return saysMore(url) ? null : [url];
}

/** Whether a text holds what a pattern takes for any text. */
const saysMore = (text: string): boolean => /[*?]/.test(text);

function patternsFor(args: Record<string, unknown>, { subjects }: Review): string[] | "every call" | null {
  const { url } = args;
  if (typeof url === "string") return patternsForAddress(url);
  const isAboutParts = ["file", "directory", "command_line"].some((name) => typeof args[name] === "string");
  if (!isAboutParts) return "every call";
  if (!subjects || subjects.some(saysMore)) return null;
  return [...new Set(subjects)];
}
