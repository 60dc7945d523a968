import * as z from "zod";

/** A piece of a file: the SHA-256 of its bytes, in hexadecimal digits, and how many there are. */
export const part = z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/), length: z.int().min(1) });
export type Part = Readonly<z.infer<typeof part>>;

/** What lies at a path of a run's folder. A file is its parts, one behind the other. */
export const fileEntry = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("file"), mode: z.int(), parts: z.array(part) }),
  z.object({ kind: z.literal("folder"), mode: z.int() }),
  z.object({ kind: z.literal("link"), target: z.string() }),
]);
export type FileEntry = Readonly<z.infer<typeof fileEntry>>;

/** The hashes that an entry needs. */
export const hashesOf = (entry: FileEntry | null | undefined): string[] =>
  entry?.kind === "file" ? entry.parts.map(({ hash }) => hash) : [];
