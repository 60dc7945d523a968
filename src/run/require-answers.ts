import { fstatSync, type Stats } from "node:fs";
import type { InputStream } from "../console/input/user-input.js";
import { SettingsError } from "../errors.js";
import type { Plan } from "./plan.js";

/**
 * Throws SettingsError where commands would have to be asked about and the input can never answer: it is closed, empty,
 * or a device that is no terminal, such as /dev/null. What comes through a pipe is not known before it is read.
 */
export function requireAnswers({ continuous, onApproval, approve, resumed }: Plan, input: InputStream): void {
  // Nobody is to be asked.
  if (onApproval === "deny" || onApproval === "park") return;
  const isOver = resumed !== null && resumed.point.stopped !== null;
  const hasRules = approve.some(({ decision }) => decision === "always");
  if (continuous || isOver || hasRules || mayAnswer(input)) return;
  throw new SettingsError(
    "There is no terminal to ask on, and nothing comes from standard input: use -c to run commands without asking, or " +
      "rules (approve: in the settings file) that allow some. Answers may also be piped in, a line each; with --on-approval park the " +
      "run ends at its first question, which can be answered later.",
  );
}

/** Whether anything may ever come from the input; what comes through a pipe is not known before it is read. */
export const mayAnswer = ({ isTTY, fd }: Pick<InputStream, "isTTY" | "fd">): boolean =>
  isTTY === true || fd === undefined || canAnswer(fd);

function canAnswer(fd: number): boolean {
  let stats: Stats;
  try {
    stats = fstatSync(fd);
  } catch {
    return false;
  }
  return !stats.isCharacterDevice() && !(stats.isFile() && stats.size === 0);
}
