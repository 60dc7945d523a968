import { codeOf } from "../../base/system-error.js";
import { cleanLine } from "../../base/text.js";
import { messageOf } from "../../errors.js";

/** In characters. */
export const longestReason = 300;

/** The reason of an error, as half a sentence; behind "fetch failed" stands what failed. */
export function reasonWithCause(thrown: unknown): string {
  const inner = thrown instanceof Error && thrown.message === "fetch failed" ? thrown.cause : undefined;
  if (!(inner instanceof Error)) return cleanLine(messageOf(thrown), longestReason).replace(/\.$/, "");
  if (inner.message === "unexpected redirect") return "it sends on to another address, which is not followed";
  return cleanLine(inner.message || (codeOf(inner) ?? messageOf(thrown)), longestReason);
}
