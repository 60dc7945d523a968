import * as z from "zod";
import { isPathBelow } from "../../../base/folders/path-below.js";

/** The form of a bundle: a ZIP archive of `manifest.json` and the files that `pathsInBundle` names. */
export const format = 1;

/** Paths that a bundle has besides folders of the workspace; anything else in an archive is none of ours. */
const known = /^(?:manifest\.json|events\.jsonl|cassette\.jsonl|changes\.jsonl|contents\/[0-9a-f]{64}|workspace\/.+)$/;

/** Whether a bundle may have this path; none that leads out of its folder. */
export const isPathOfBundle = (path: string): boolean => known.test(path) && !path.includes("\\") && isPathBelow(path);

/** What of the workspace a ZIP archive does not hold: modes, folders that may be empty, and links. */
const entry = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("file"), path: z.string(), mode: z.int() }),
  z.object({ kind: z.literal("folder"), path: z.string(), mode: z.int() }),
  z.object({ kind: z.literal("link"), path: z.string(), target: z.string() }),
]);
export type BundledEntry = z.infer<typeof entry>;

/** What a bundle says of itself; those of earlier versions say nothing of entries. */
export const manifest = z.looseObject({
  format: z.literal(format),
  run: z.string().regex(/^[\w-]{1,100}$/),
  version: z.string(),
  node: z.string(),
  platform: z.string(),
  workspace: z.string(),
  entries: z.array(entry.refine(({ path }) => isPathOfBundle(`workspace/${path}`))).default([]),
});
export type Manifest = z.input<typeof manifest>;
