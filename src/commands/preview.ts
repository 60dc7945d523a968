import { isObject } from "../base/json.js";

/**
 * What a call will do, in facts and nothing of how they look: texts are as they are, the model's among them, so whoever
 * shows them escapes them.
 */
export type Preview = readonly PreviewPart[];

export type PreviewPart =
  /** A file that the call leaves as `after`; null: there is none, before or afterwards. */
  | { kind: "file"; path: string; before: FileContent | null; after: FileContent | null }
  /** A text that belongs to the call: what is added, asked, searched for or run. */
  | { kind: "text"; title: string; text: string }
  /** A line that a shell runs. */
  | { kind: "shell"; line: string }
  /** An address that is asked; `host` is the one that a connection really goes to. */
  | { kind: "address"; host: string; url: string };

/**
 * What a file holds. `bytes` is null where that is not known before the call; `text` where it is not known, too long to be
 * shown, or no text.
 */
export type FileContent = { bytes: number | null; text: string | null };

/** Where an address leads; one that cannot be read is a text. */
export function addressPart(url: string): PreviewPart {
  const host = URL.canParse(url) ? new URL(url).host : "";
  return host === "" ? { kind: "text", title: "address", text: url } : { kind: "address", host, url };
}

/** What can be told of any call: its arguments, each by its name. */
export const previewOfArguments = (args: Record<string, unknown>): Preview =>
  Object.entries(args).map(([title, value]) => ({ kind: "text", title, text: plainly(value) }));

function plainly(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join("\n");
  return JSON.stringify(value, null, isObject(value) || Array.isArray(value) ? 2 : undefined);
}
