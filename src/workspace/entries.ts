/**
 * What lies in the workspace (`other`: a pipe, device or socket). `path` is relative to the workspace, "/" between
 * names; `size` is in bytes.
 */
export type WorkspaceEntry = { path: string; kind: "file" | "folder" | "other"; size: number };

/** Whether the bytes of a file are different from what they were before. */
export type Change = { changed: boolean };

/**
 * Files below a folder, sorted, relative to the workspace; `more` is how many others there are at least, and `unseen`
 * how many folders were not looked into, because there are too many or they lie too deep.
 */
export type FileList = { files: string[]; more: number; unseen: number };

/** A regular file inside the workspace, open for reading. Whoever opened it closes it. */
export interface OpenFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Up to `length` bytes from byte `position` on; fewer only at the end of the file. */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}
