import type { Review } from "../commands/command.js";
import type { PreparedCommand } from "../commands/prepare.js";
import type { ApprovalRule } from "../history/approval-rule.js";

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

function patternsFor(args: Record<string, unknown>, { subjects }: Review): string[] | "every call" | null {
  const { url } = args;
  if (typeof url === "string") return URL.canParse(url) ? [`${new URL(url).origin}/*`] : null;
  const isAboutParts = ["file", "directory", "command_line"].some((name) => typeof args[name] === "string");
  if (!isAboutParts) return "every call";
  if (!subjects || subjects.some((subject) => /[*?]/.test(subject))) return null;
  return [...new Set(subjects)];
}
