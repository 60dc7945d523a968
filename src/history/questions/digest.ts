import { createHash } from "node:crypto";
import { stableJson } from "../../base/json.js";
import type { CommandCall } from "../event-parts.js";
import type { Preview } from "../events/preview.js";

/** What a question is about, without secrets: as it is shown, and as the journal keeps it. */
export type Asked = { command: CommandCall; effect: string; preview: Preview };

/**
 * What a question is known by: a SHA-256 of the command, its arguments, and all that it would do. Two questions have the
 * same one only if a person would be shown the same. Why it is asked about is no part of it: that says nothing of what it does.
 */
export const questionOf = ({ command: { name, args }, effect, preview }: Asked): string =>
  createHash("sha256").update(stableJson({ name, args, effect, preview })).digest("hex");

/** So much of it is shown, and has to be typed at least. */
export const shownDigits = 12;
