import { isObject } from "../base/json.js";
import type { Preview, PreviewPart } from "../history/events/preview.js";

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
