import { closeSync, mkdirSync, openSync, readlinkSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { SettingsError, messageOf } from "../errors.js";
import { isWithin } from "../protection/guarded.js";
import { refuseTooMuch } from "../protection/too-much.js";
import { protectionWith, type Protection } from "../protection/protection.js";
import type { Boundary } from "./boundary.js";
import { appendFile } from "./append/append-file.js";
import { deleteFile, saveFile, writeFile } from "./change-file.js";
import { createKeeper, type Keeper } from "./keeper.js";
import { listFiles } from "./list-files.js";
import { copyFile, makeFolder, moveFile } from "./move-file.js";
import { realName } from "../base/folders/real-name.js";
import { namesOf } from "./names-of.js";
import { stateOfPath, type PathState } from "./path-state.js";
import { openFile, readFile, statEntry } from "./read-file.js";
import { readEach, type ReadEachOptions, type ReadFile } from "./reading/read-each.js";
import { removeAbandonedFiles } from "./temporary-file.js";
import { mendUnfinishedAppends } from "./append/unfinished-append.js";
import type { Change, WorkspaceEntry, FileList, OpenFile } from "./entries.js";

/**
 * The folder that commands act on. Every method takes a path as the model wrote it, relative or absolute, and throws a
 * WorkspaceError when it leads out, when it is one of our own files, or when the file system refuses.
 */
export interface Workspace {
  /** Real, absolute path of the folder. */
  readonly root: string;
  /** What lies at `path`, links inside the workspace followed; null where nothing does. */
  stat(path: string): Promise<WorkspaceEntry | null>;
  /**
   * What lies at `path`, as far as it takes to tell it from something else, a link at its end not followed; null where nothing does.
   * With `added`: as it would be with these bytes at its end.
   */
  state(path: string, added?: Uint8Array): Promise<PathState | null>;
  open(path: string): Promise<OpenFile>;
  /** By which names a path goes in the workspace: as it is written, made short, and with its links followed. */
  namesOf(path: string): Promise<string[]>;
  /** The whole file; refused as "too-large" above `atMost` bytes (16 MB unless told). */
  read(path: string, atMost?: number): Promise<Buffer>;
  /**
   * Files one after the other, as `list` names them; `bytes` is null for what is no file, cannot be read, has more than `atMost` bytes,
   * or, where a text is given that is looked for, surely does not hold it. Throws the reason of `signal` once that is aborted.
   */
  readEach(paths: readonly string[], options: ReadEachOptions): AsyncGenerator<ReadFile>;
  /** Replaces or creates the file in one act, parent folders included; a string is written as UTF-8. */
  write(path: string, content: string | Uint8Array): Promise<Change>;
  /**
   * Replaces or creates the file in one act with what comes, of any length; returns its size in bytes. Where it ends
   * with an error, that error is thrown on and nothing is changed.
   */
  save(path: string, content: AsyncIterable<Uint8Array>): Promise<number>;
  /**
   * Adds to the end of the file, which is created where it is missing, parent folders included. What others append at the
   * same time is kept, and a file that they hold open stays the same file.
   */
  append(path: string, content: string | Uint8Array): Promise<Change>;
  /** Removes a file, or a link that leads to a place inside; refuses folders. */
  delete(path: string): Promise<void>;
  /** Moves a file or folder, under a name that is free; folders on the way are made. */
  move(from: string, to: string): Promise<void>;
  /** Copies a file, under a name that is free; returns its size in bytes. */
  copy(from: string, to: string): Promise<number>;
  /** Makes a folder, and those that it lies in; one that is there stays. */
  makeFolder(path: string): Promise<void>;
  /**
   * All files below `directory` ("" and "." are the whole workspace), at most `atMost` of them, but for those in folders
   * that are called as `without` says. Throws the reason of `signal` once that is aborted.
   */
  list(directory: string, atMost: number, signal?: AbortSignal, without?: ReadonlySet<string>): Promise<FileList>;
  /** For whoever keeps what commands change, and puts it back. */
  readonly keeper: Keeper;
}

export type WorkspaceOptions = {
  /** The folder; made where it is missing. */
  root: string;
  /** Files and folders of our own (state, .env, settings) that no command reaches, even where they lie inside. */
  forbidden: readonly string[];
  /** The program's own code: it can be read, and not be changed. */
  program?: readonly string[];
  /** What else in it is protected: the built-in list, unless told. */
  protection?: Protection;
  /**
   * For half-written files, and for what mends them after a crash; made where it is missing, best on the same disk, itself
   * out of reach. No other process uses it to append at the same time.
   */
  temporaryDirectory: string;
  /** Finds the program ripgrep, which makes a search in many files faster; null where there is none. */
  ripgrep?: () => Promise<string | null>;
};

const defaultAtMost = 16 * 1024 * 1024;

/** Opens the folder that commands act on. Throws SettingsError when it cannot be made or lies among our own files. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const boundary = await boundaryOf(options);
  const { ripgrep = () => Promise.resolve(null) } = options;
  removeAbandonedFiles(boundary.temporaryDirectory);
  await mendUnfinishedAppends(boundary);
  return {
    root: boundary.root,
    keeper: createKeeper(boundary),
    stat: (path) => statEntry(boundary, path),
    state: (path, added) => stateOfPath(boundary, path, added),
    open: (path) => openFile(boundary, path),
    namesOf: (path) => namesOf(boundary, path),
    read: (path, atMost = defaultAtMost) => readFile(boundary, path, atMost),
    readEach: (paths, given) => readEach(boundary, paths, { ...given, ripgrep }),
    write: (path, content) => writeFile(boundary, path, content),
    save: (path, content) => saveFile(boundary, path, content),
    append: (path, content) => appendFile(boundary, path, content),
    delete: (path) => deleteFile(boundary, path),
    move: (from, to) => moveFile(boundary, from, to),
    copy: (from, to) => copyFile(boundary, from, to),
    makeFolder: (path) => makeFolder(boundary, path),
    list: (directory, atMost, signal, without) => listFiles(boundary, directory, atMost, signal, without),
  };
}

async function boundaryOf(options: WorkspaceOptions): Promise<Boundary> {
  const { root, forbidden, program = [], protection = protectionWith(), temporaryDirectory } = options;
  const alias = resolve(root);
  const real = madeFolder(alias, "Name another folder with --workspace-directory.");
  const temporary = madeFolder(resolve(temporaryDirectory), "Name another folder for our state with AUTOGPT_HOME.");
  const own = [temporary];
  for (const path of forbidden) own.push(resolve(path), await realName(resolve(path)));
  const code: string[] = [];
  for (const path of program) code.push(resolve(path), await realName(resolve(path)));
  refuseTooMuch(real);
  const around = [...own, ...code].find((path) => isWithin(path, real));
  if (around !== undefined) {
    throw new SettingsError(
      `The workspace ${real} lies in ${around}, which belongs to the program itself; no command reaches it there. ` +
        "Name another folder with --workspace-directory.",
    );
  }
  return {
    root: real,
    alias,
    forbidden: [...new Set(own)],
    program: [...new Set(code)],
    protection,
    temporaryDirectory: temporary,
    descriptors: hasDescriptors(real),
  };
}

function madeFolder(path: string, advice: string): string {
  try {
    mkdirSync(path, { recursive: true });
    return realpathSync.native(path);
  } catch (error) {
    throw new SettingsError(`The folder ${path} cannot be made or opened: ${messageOf(error)}. ${advice}`, {
      cause: error,
    });
  }
}

/** Whether this system shows where an open folder is; Linux does, unless /proc is not mounted. */
function hasDescriptors(root: string): boolean {
  if (process.platform !== "linux") return false;
  const descriptor = openSync(root, "r");
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`) === root;
  } catch {
    return false;
  } finally {
    closeSync(descriptor);
  }
}
