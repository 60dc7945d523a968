import { posix } from "node:path";
import { decodeText, isText } from "../../base/encoding.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { Effect, Review } from "../command.js";
import type { FileContent, Preview } from "../../history/events/preview.js";

/** The longest file whose text is shown to whoever is asked, in bytes. */
const mostShownBytes = 1024 * 1024;

/** What a file holds now; null where there is none. Throws WorkspaceError for what no command can read. */
export async function contentOf(workspace: Workspace, path: string): Promise<FileContent | null> {
  const entry = await workspace.stat(path);
  if (entry === null) return null;
  if (entry.kind !== "file" || entry.size > mostShownBytes) return { bytes: entry.size, text: null };
  const bytes = await workspace.read(path, mostShownBytes);
  return { bytes: bytes.length, text: isText(bytes) ? decodeText(bytes).text : null };
}

/** A text as it will lie in a file. */
export const written = (text: string): FileContent => ({ bytes: Buffer.byteLength(text), text });

/** How a file is called in a preview: as it really is, below the workspace. */
export const realPath = async (workspace: Workspace, path: string): Promise<string> =>
  (await workspace.namesOf(path)).at(-1) ?? path;

/** Where the entry that a path names lies, as it really is; a link at its end stands for itself. */
export async function placeOf(workspace: Workspace, path: string): Promise<string> {
  const [written = path] = await workspace.namesOf(path);
  const folder = posix.dirname(written);
  const real = folder === "." ? "" : `${await realPath(workspace, folder)}/`;
  return real + posix.basename(written);
}

/** What a call does to the world that puts a file there: one that is there already is replaced. */
export async function reviewReplacing(file: string, workspace: Workspace): Promise<Review> {
  // What cannot be looked at will be refused when the command runs.
  const entry = await workspace.stat(file).catch(() => null);
  const effect: Effect = entry?.kind === "file" ? "replaces" : "writes";
  return { effect };
}

/** A file that will hold this afterwards; null: that will be gone. */
export async function previewFile(file: string, workspace: Workspace, after: FileContent | null): Promise<Preview> {
  const [path, before] = await Promise.all([realPath(workspace, file), contentOf(workspace, file)]);
  return [{ kind: "file", path, before, after }];
}

/** A call that is about two paths: the user's rules are compared with both. */
export async function reviewTwo(one: string, other: string, workspace: Workspace): Promise<Review> {
  const names = [workspace.namesOf(one), workspace.namesOf(other)];
  return {
    subjects: await Promise.all(names).then(
      (all) => all.flat(),
      () => null,
    ),
  };
}
