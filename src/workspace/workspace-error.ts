import { codeOf } from "../base/system-error.js";

/** What stood in the way; decides what happens next, never the message. */
export type WorkspaceProblem =
  | "leads-out"
  | "forbidden"
  | "not-found"
  | "not-a-file"
  | "not-a-folder"
  | "bad-name"
  | "too-large"
  | "denied"
  | "disk-full"
  | "failed";

/** A path that cannot be used, or a file system that refuses. The message is one line for the model. */
export class WorkspaceError extends Error {
  readonly kind: WorkspaceProblem;
  constructor(kind: WorkspaceProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "WorkspaceError";
    this.kind = kind;
  }
}

const longestShown = 200;

/** A path for a message: in quotes, control characters escaped, shortened. */
export const shown = (path: string): string =>
  JSON.stringify(path.length > longestShown ? `${path.slice(0, longestShown)}…` : path);

export const leadsOut = (asked: string, root: string): WorkspaceError =>
  new WorkspaceError(
    "leads-out",
    `The path ${shown(asked)} leads out of the workspace ${root}. Use a path inside it, such as "notes.txt".`,
  );

/** `why`: half a sentence. */
export const isForbidden = (asked: string, why: string): WorkspaceError =>
  new WorkspaceError(
    "forbidden",
    `The path ${shown(asked)} is out of reach of commands: ${why}. ` + "Use another name.",
  );

/** The same for what can be read, and not be written. */
export const isProtected = (asked: string, why: string): WorkspaceError =>
  new WorkspaceError(
    "forbidden",
    `The path ${shown(asked)} can be read, but not be made, changed or deleted: ` +
      `${why}. Do without, and tell the user in the end what is to be done there.`,
  );

export const notFound = (asked: string): WorkspaceError =>
  new WorkspaceError(
    "not-found",
    `There is no file ${shown(asked)} in the workspace. search_files lists what there is.`,
  );

export const isFolder = (asked: string): WorkspaceError =>
  new WorkspaceError("not-a-file", `${shown(asked)} is a folder, not a file. Name a file.`);

const problems: Readonly<Record<string, readonly [WorkspaceProblem, string]>> = {
  ENOTDIR: ["not-a-folder", "a part of the path is a file, not a folder. Use another path"],
  EISDIR: ["not-a-file", "it is a folder, not a file. Name a file"],
  ENAMETOOLONG: ["bad-name", "the name is too long. Use a shorter one"],
  EINVAL: ["bad-name", "the name is not allowed here. Use another one"],
  EILSEQ: ["bad-name", "the name is not allowed here. Use another one"],
  ELOOP: ["leads-out", "it is a link that leads in a circle or was changed while it was used. Use another path"],
  EACCES: ["denied", "permission is denied. Use another path"],
  EPERM: ["denied", "permission is denied. Use another path"],
  EROFS: ["denied", "the disk can only be read. Nothing can be written there"],
  ETXTBSY: ["denied", "it is a program that is running. Wait until it ends or use another name"],
  ENXIO: ["not-a-file", "it is not a regular file. Name a regular file"],
  ENOSPC: ["disk-full", "the disk is full, and nothing was changed. Delete files that are not needed"],
  EDQUOT: ["disk-full", "the disk quota is used up, and nothing was changed. Delete files that are not needed"],
  EFBIG: ["disk-full", "the file would become larger than the system allows, and nothing was changed. Write less"],
  EMFILE: ["failed", "too many files are open at once. Try again"],
};

/** The system's error in our words: without the machine's paths that it carries, but with it as the cause. */
export function workspaceErrorFrom(thrown: unknown, asked: string): WorkspaceError {
  if (thrown instanceof WorkspaceError) return thrown;
  const code = codeOf(thrown) ?? "";
  if (code === "ENOENT") return notFound(asked);
  const [kind, reason] = problems[code] ?? ["failed", `the file system failed (${code || "unknown error"}). Try again`];
  return new WorkspaceError(kind, `${shown(asked)} cannot be used: ${reason}.`, { cause: thrown });
}
