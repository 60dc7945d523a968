/**
 * How a call reaches beyond the workspace and the services that the user has set up, as far as somebody could make use
 * of it whose text the model has read.
 */
export type Reach =
  /** A page is read: whoever answers there learns what the address holds. `follows`: redirects lead wherever they do. */
  | { kind: "reads"; address: string; follows?: true }
  /** A file is fetched, likewise. */
  | { kind: "downloads"; address: string }
  /** A search engine of the user's is asked. */
  | { kind: "searches"; text: string }
  /** Something is sent or done elsewhere; these texts are all that says where and what. */
  | { kind: "sends"; texts: readonly string[] }
  /** Code runs that can reach any host; `offline`: it could run without network as well. `requests`: all that it asks for, where that can be told. */
  | { kind: "runs"; offline: boolean; requests: readonly Reach[] | null };

/** Every text in a value, however deep. */
export function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return typeof value === "object" && value !== null ? Object.entries(value).flat().flatMap(textsIn) : [];
}
