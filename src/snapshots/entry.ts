import * as z from "zod";

/**
 * What lies at a path. `hash` is the SHA-256 of a file's bytes, in hexadecimal digits; null for a file whose bytes are not
 * kept, because it is too large. Nothing is kept of what is special: pipes, sockets, devices, and what has a name that is not UTF-8.
 */
export const entry = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("file"), mode: z.int(), size: z.int(), hash: z.string().nullable() }),
  z.object({ kind: z.literal("folder"), mode: z.int() }),
  z.object({ kind: z.literal("link"), target: z.string() }),
  z.object({ kind: z.literal("special") }),
]);
export type Entry = Readonly<z.infer<typeof entry>>;

/** A path below the workspace, with `/` between its names, and what lay there before and after; null is nothing. */
export const change = z.object({ path: z.string().min(1), before: entry.nullable(), after: entry.nullable() });
export type Change = Readonly<z.infer<typeof change>>;

/** Whether two entries are the same to whoever reads them. Of a file that is not kept only the size is known. */
export function isSameEntry(one: Entry | null, other: Entry | null): boolean {
  if (one === other || one === null || other === null) return one === other;
  if (one.kind === "file" && other.kind === "file")
    return one.mode === other.mode && one.size === other.size && one.hash === other.hash;
  if (one.kind === "folder" && other.kind === "folder") return one.mode === other.mode;
  if (one.kind === "special") return other.kind === "special";
  return one.kind === "link" && other.kind === "link" && one.target === other.target;
}
