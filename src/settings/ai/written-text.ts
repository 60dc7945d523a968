import { isScalar } from "yaml";
import { textOf } from "./nodes.js";
import { lookalikeGoal } from "./odd-line.js";
import { withoutComment, type SettingsYaml } from "./yaml.js";

/** Sentences on what is read, though it may not be what was meant; each names its file and line. */
export type Notes = string[];

/**
 * The text of a scalar as its writer means it, else as `textOf`: `#` directly before a word is part of a plain text. What a
 * comment takes from one is noted. Throws SettingsError where a line of it looks like a goal of its own.
 */
export function writtenText(yaml: SettingsYaml, node: unknown, notes: Notes): string | null {
  const text = textOf(node);
  if (!text || !isScalar(node) || node.type !== "PLAIN" || !node.range) return text;
  const [start, end] = node.range;
  const [first = "", ...others] = yaml.source.slice(start, end).split("\n");
  for (const line of others) {
    const message = lookalikeGoal(line);
    if (message !== null)
      throw yaml.problem(node, `${message} The line is: ${JSON.stringify(line.trim().slice(0, 60))}.`);
  }
  if (others.length > 0) return text;
  return withHash(yaml, start, first, notes, node);
}

/** A plain text of one line that begins at `start`, with what stands behind a `#` that begins no comment. */
export function withHash(yaml: SettingsYaml, start: number, written: string, notes: Notes, node: unknown): string {
  const text = written.trimEnd();
  const behind = /^[^\n]*/.exec(yaml.source.slice(start + text.length))?.[0] ?? "";
  if (!/^[ \t]+#/.test(behind)) return text.trim();
  const whole = withoutComment(text + behind);
  const comment = (text + behind).slice(whole.length);
  // Whoever sets a comment off from a text leaves more room.
  if (/^ #[ \t]*[^#\s]/.test(comment) && comment.trim() !== "#")
    notes.push(
      `${yaml.place(node)}: ${JSON.stringify(comment.trim().slice(0, 60))} is read as a comment, not as part of the text before it. ` +
        "If it belongs to it, put the whole text into quotes; else set it off with two spaces.",
    );
  return whole;
}
