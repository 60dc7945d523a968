import { contentOf, type Part } from "./entry.js";

/** Contents are sent in pieces of about this size. */
const mostBytesAtOnce = 4 * 1024 * 1024;

/** Takes parts, and hands them on many at a time. */
export type GatheredParts = {
  /** Waits where enough have come together. */
  add(part: Part, bytes: Uint8Array): Promise<void>;
  /** Whether the content of this name waits to be handed on. */
  has(content: string): boolean;
  /** Hands on what is left. */
  flush(): Promise<void>;
};

/** `put` keeps contents, by their names. */
export function gatherParts(put: (contents: ReadonlyMap<string, Uint8Array>) => Promise<void>): GatheredParts {
  let [some, bytes] = [new Map<string, Uint8Array>(), 0];
  const flush = async (): Promise<void> => {
    if (some.size === 0) return;
    const sent = some;
    [some, bytes] = [new Map(), 0];
    await put(sent);
  };
  return {
    async add(part, content) {
      some.set(contentOf(part), content);
      bytes += content.length;
      if (bytes >= mostBytesAtOnce) await flush();
    },
    has: (content) => some.has(content),
    flush,
  };
}
