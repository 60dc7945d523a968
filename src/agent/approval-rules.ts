import { SettingsError } from "../errors.js";
import { effects, type Effect, type Review } from "../commands/command.js";
import type { ApprovalRule, Decision } from "../history/approval-rule.js";
import { fits } from "../base/names/wildcards.js";

/**
 * What the rules say of a call; null where they say nothing. The first line that fits a subject counts; of several
 * subjects the strictest does. A call whose subjects cannot be told is asked about where patterns would decide, and so is
 * one that mentions what a pattern does not allow. A rule may also name what a call does: its `effect`.
 */
export function decide(
  rules: readonly ApprovalRule[],
  command: string,
  { subjects, mentions = [] }: Review,
  effect?: Effect,
): Decision | null {
  const own = rules.filter((rule) => isAbout(rule, command, effect));
  if (own.length === 0) return null;
  if (!subjects) {
    const [first] = own;
    return first?.pattern === null ? first.decision : "ask";
  }
  const decisions = subjects.map((subject) => own.find((rule) => covers(rule, subject))?.decision ?? null);
  if (decisions.includes("never")) return "never";
  if (decisions.includes("ask") || mentions.some((text) => isRefused(own, text))) return "ask";
  return decisions.length > 0 && decisions.every((decision) => decision === "always") ? "always" : null;
}

/**
 * Whether a rule is about a command of this name or with this effect. What holds writing back holds replacing and deleting back
 * as well; what allows writing allows nothing more.
 */
export const isAbout = ({ command, decision }: ApprovalRule, name: string, effect: Effect | undefined): boolean =>
  fits(command, name) ||
  command === effect ||
  (command === "writes" && decision !== "always" && (effect === "replaces" || effect === "deletes"));

/**
 * Whether the first rule that fits a mentioned text does not allow it. A name by itself may get its words from elsewhere;
 * patterns that begin with any text would fit every word.
 */
function isRefused(rules: readonly ApprovalRule[], text: string): boolean {
  const naming = rules.filter(({ pattern }) => pattern !== null && !/^[*?]/.test(pattern));
  const first = naming.find((rule) => covers(rule, text) || covers(rule, `${text} x`));
  return first !== undefined && first.decision !== "always";
}

/**
 * Throws SettingsError for a rule that names no command: the user would rely on it, and it would do nothing. Tools of
 * these servers need not be there: a server may be away, or have lost one.
 */
export function refuseStrangeRules(
  rules: readonly ApprovalRule[],
  commands: readonly string[],
  servers: readonly string[] = [],
): void {
  const known = [...commands, ...effects];
  const stranger = rules.find(
    (rule) =>
      !known.some((name) => fits(rule.command, name)) &&
      !servers.some((server) => rule.command.startsWith(`${server}.`)),
  );
  if (stranger === undefined) return;
  throw new SettingsError(
    `approve in the settings file names ${JSON.stringify(stranger.command)}, and there is no such command. ` +
      `There are ${commands.join(", ")}; and what commands do: ${effects.join(", ")}.`,
  );
}

/** Whether a rule holds for a subject. What is forbidden stays so in other letters: some systems do not tell them apart. */
export const covers = ({ pattern, decision }: ApprovalRule, subject: string): boolean => {
  if (pattern === null) return true;
  return decision === "never" ? fits(pattern.toLowerCase(), subject.toLowerCase()) : fits(pattern, subject);
};
