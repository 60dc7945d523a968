import { createHash } from "node:crypto";
import type { CommandCall } from "../event-parts.js";
import type { Preview } from "../events/preview.js";

/** What a question is about, without secrets: as it is shown, and as the journal keeps it. */
export type Asked = { command: CommandCall; effect: string; preview: Preview };

/**
 * What a question is known by: a SHA-256 of the command, its arguments, and all that it would do. Two questions have the
 * same one only if a person would be shown the same.
 */
export const questionOf = ({ command: { name, args }, effect, preview }: Asked): string =>
  createHash("sha256").update(JSON.stringify({ name, args, effect, preview }, inOrder)).digest("hex");

/** Fields by their names: it does not matter in which order an object was put together. */
const inOrder = (_key: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;

/** So much of it is shown, and has to be typed at least. */
export const shownDigits = 12;
