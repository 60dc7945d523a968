import * as z from "zod";

/**
 * A piece of a file: the SHA-256 of its bytes, in hexadecimal digits, and how many there are; `artifact`: it lies where contents of large files
 * do, and was put there under this epoch. What another version knows besides is refused, and not left out.
 */
export const part = z.strictObject({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  length: z.int().min(1),
  artifact: z.int().min(1).exactOptional(),
});
export type Part = Readonly<z.infer<typeof part>>;

/** What lies at a path of a run's folder. A file is its parts, one behind the other. */
export const fileEntry = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("file"), mode: z.int(), parts: z.array(part) }),
  z.strictObject({ kind: z.literal("folder"), mode: z.int() }),
  z.strictObject({ kind: z.literal("link"), target: z.string() }),
]);
export type FileEntry = Readonly<z.infer<typeof fileEntry>>;

/** The name of a part's content among those of its run. */
export const contentOf = ({ hash, artifact }: Part): string => (artifact === undefined ? hash : `${artifact}/${hash}`);

/** Whether the content of this name lies where those of large files do. */
export const isArtifact = (content: string): boolean => content.includes("/");

/** The contents that an entry needs, by their names. */
export const contentsOf = (entry: FileEntry | null | undefined): string[] =>
  entry?.kind === "file" ? entry.parts.map(contentOf) : [];
