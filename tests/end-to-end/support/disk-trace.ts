import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A change of the disk, or what makes changes durable, as a trace of system calls tells it. Files go by numbers, whatever they are called. */
export type DiskCall =
  | { kind: "create"; file: number; path: string }
  | { kind: "mkdir"; path: string }
  | { kind: "write"; file: number; offset: number; bytes: Buffer }
  | { kind: "truncate"; file: number; length: number }
  | { kind: "rename"; from: string; to: string }
  | { kind: "link"; from: string; to: string }
  | { kind: "unlink"; path: string }
  | { kind: "sync"; file: number; path: string };

export const tracedCalls =
  "openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,linkat,close";

const unescaped = (text: string): Buffer =>
  Buffer.from(
    text.replace(/\\x([0-9a-f]{2})/g, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    "latin1",
  );

/** Lines of `strace -f`, with calls that were interrupted by those of other threads put together. */
function wholeCalls(trace: string): string[] {
  const waiting = new Map<string, string>();
  return trace.split("\n").flatMap((line) => {
    const [, thread = "", call = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const cut = call.indexOf(" <unfinished ...>");
    if (cut !== -1) waiting.set(thread, call.slice(0, cut));
    else if (call.startsWith("<... ")) return [(waiting.get(thread) ?? "") + call.slice(call.indexOf("resumed>") + 8)];
    else if (call !== "") return [call];
    return [];
  });
}

/** What a trace (`strace -f -y -xx`) did below these folders, in its order. */
export function diskCalls(trace: string, folders: readonly string[]): DiskCall[] {
  const calls: DiskCall[] = [];
  const paths = new Map<number, string>();
  const files = new Map<string, number>();
  const sizes = new Map<number, number>();
  const positions = new Map<number, number>();
  const appends = new Set<number>();
  let next = 0;
  const isOurs = (path: string): boolean => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
  const real = (text: string): string => {
    const path = unescaped(text).toString("utf8");
    const [, descriptor, rest = ""] = /^\/proc\/self\/fd\/(\d+)(\/.*)?$/.exec(path) ?? [];
    return descriptor === undefined ? path : (paths.get(Number(descriptor)) ?? "") + rest;
  };
  const moved = (from: string, to: string): void => {
    for (const [path, file] of [...files])
      if (path === from || path.startsWith(`${from}/`)) {
        files.delete(path);
        files.set(to + path.slice(from.length), file);
      }
  };
  for (const call of wholeCalls(trace)) {
    const [, name = "", given = "", result = ""] = /^(\w+)\((.*)\) += (.*)$/s.exec(call) ?? [];
    if (result.startsWith("-1") || name === "") continue;
    const texts = [...given.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text = ""]) => text);
    const descriptor = Number(/^(\d+)</.exec(given)?.[1] ?? -1);
    const own = files.get(paths.get(descriptor) ?? "");
    switch (name) {
      case "openat": {
        const opened = Number(/^(\d+)/.exec(result)?.[1] ?? -1);
        const path = real(texts[0] ?? "");
        paths.set(opened, path);
        positions.set(opened, 0);
        appends.delete(opened);
        if (given.includes("O_APPEND")) appends.add(opened);
        if (!isOurs(path)) break;
        if (given.includes("O_CREAT") && !files.has(path)) {
          files.set(path, (next += 1));
          sizes.set(next, 0);
          calls.push({ kind: "create", file: next, path });
        }
        const file = files.get(path);
        if (file !== undefined && given.includes("O_TRUNC")) {
          sizes.set(file, 0);
          calls.push({ kind: "truncate", file, length: 0 });
        }
        break;
      }
      case "write":
      case "pwrite64": {
        if (own === undefined) break;
        const bytes = unescaped(texts[0] ?? "").subarray(0, Number(result));
        const at = name === "pwrite64" ? Number(/(\d+)$/.exec(given)?.[1] ?? 0) : (positions.get(descriptor) ?? 0);
        const offset = appends.has(descriptor) ? (sizes.get(own) ?? 0) : at;
        positions.set(descriptor, offset + bytes.length);
        sizes.set(own, Math.max(sizes.get(own) ?? 0, offset + bytes.length));
        calls.push({ kind: "write", file: own, offset, bytes });
        break;
      }
      case "ftruncate":
        if (own === undefined) break;
        sizes.set(own, Number(/(\d+)$/.exec(given)?.[1] ?? 0));
        calls.push({ kind: "truncate", file: own, length: sizes.get(own) ?? 0 });
        break;
      case "fsync":
      case "fdatasync":
        if (own !== undefined) calls.push({ kind: "sync", file: own, path: paths.get(descriptor) ?? "" });
        break;
      case "mkdir":
      case "mkdirat":
        if (isOurs(real(texts[0] ?? ""))) calls.push({ kind: "mkdir", path: real(texts[0] ?? "") });
        break;
      case "rename":
      case "renameat2":
      case "link":
      case "linkat": {
        const [from, to] = [real(texts[0] ?? ""), real(texts[1] ?? "")];
        if (!isOurs(to)) break;
        if (name.startsWith("rename")) moved(from, to);
        else files.set(to, files.get(from) ?? 0);
        for (const [opened, path] of paths) if (name.startsWith("rename") && path === from) paths.set(opened, to);
        calls.push({ kind: name.startsWith("rename") ? "rename" : "link", from, to });
        break;
      }
      case "unlink":
      case "unlinkat":
      case "rmdir": {
        const path = real(texts[0] ?? "");
        if (!isOurs(path)) break;
        files.delete(path);
        calls.push({ kind: "unlink", path });
      }
    }
  }
  return calls;
}

/** Whether a call happened on a disk, or, of a write, how much of it: a part, or its length alone. */
export type Fate = (call: DiskCall, index: number) => "done" | "lost" | "part" | "zeros";

/** Makes of these folders what the calls left there, each with its fate; what they hold now goes. */
export function makeDisk(calls: readonly DiskCall[], folders: readonly string[], fate: Fate): void {
  const contents = new Map<number, Buffer>();
  const entries = new Map<string, number | "folder">();
  for (const [index, call] of calls.entries()) {
    const what = fate(call, index);
    if (what !== "lost") apply(call, what, contents, entries);
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  for (const [path, entry] of [...entries].sort(([one], [other]) => (one < other ? -1 : 1))) {
    mkdirSync(entry === "folder" ? path : dirname(path), { recursive: true });
    if (entry !== "folder") writeFileSync(path, contents.get(entry) ?? Buffer.alloc(0));
  }
  for (const path of entries.keys()) if (basename(path).startsWith(".autogpt-append-")) keepFileNumber(path, folders);
}

/** A file has its number still after a power cut, but not where it is made anew here: a note of an append gets the new one. */
function keepFileNumber(note: string, folders: readonly string[]): void {
  const text = readFileSync(note, "utf8");
  const [head = ""] = text.split("\n");
  const noted = /^(\{"path":"([^"]*)","size":\d+,"file":)"\d+"\}$/.exec(head);
  const file = folders.map((folder) => join(folder, noted?.[2] ?? "")).find((path) => existsSync(path));
  if (noted === null || file === undefined) return;
  writeFileSync(note, `${noted[1]}"${statSync(file).ino}"}${text.slice(head.length)}`);
}

function apply(
  call: DiskCall,
  fate: "done" | "part" | "zeros",
  contents: Map<number, Buffer>,
  entries: Map<string, number | "folder">,
): void {
  switch (call.kind) {
    case "create":
      entries.set(call.path, call.file);
      contents.set(call.file, Buffer.alloc(0));
      break;
    case "mkdir":
      entries.set(call.path, "folder");
      break;
    case "write": {
      const { file, offset, bytes } = call;
      const before = contents.get(file);
      if (before === undefined) break;
      const whole = fate === "zeros" ? Buffer.alloc(bytes.length) : bytes;
      const written = fate === "part" ? whole.subarray(0, Math.floor(bytes.length / 2)) : whole;
      const after = Buffer.alloc(Math.max(before.length, offset + written.length));
      before.copy(after);
      written.copy(after, offset);
      contents.set(file, after);
      break;
    }
    case "truncate": {
      const before = contents.get(call.file);
      if (before === undefined) break;
      contents.set(call.file, Buffer.concat([before, Buffer.alloc(call.length)]).subarray(0, call.length));
      break;
    }
    case "rename":
    case "link":
      for (const [path, entry] of [...entries])
        if (path === call.from || path.startsWith(`${call.from}/`)) {
          if (call.kind === "rename") entries.delete(path);
          entries.set(call.to + path.slice(call.from.length), entry);
        }
      break;
    case "unlink":
      entries.delete(call.path);
      break;
    case "sync":
  }
}

/**
 * For each call up to `last` whether it is on disk for certain by then: a sync of a file brings its bytes there, and its name with the
 * folders that it lies in, as the file systems of Linux do it; a rename, a link and a removal only come there by themselves.
 */
export function durableUpTo(calls: readonly DiskCall[], last: number): Set<number> {
  const durable = new Set<number>();
  for (let at = 0; at <= last; at += 1) {
    const sync = calls[at];
    if (sync?.kind !== "sync") continue;
    for (let index = 0; index < at; index += 1) {
      const call = calls[index] as DiskCall;
      if ("file" in call && call.file === sync.file) durable.add(index);
      if (call.kind === "mkdir" && sync.path.startsWith(`${call.path}/`)) durable.add(index);
    }
  }
  return durable;
}

/** Below which folders of a run's place everything is traced. */
export const tracedFolders = (folder: string): string[] => [join(folder, "workspace"), join(folder, ".autogpt")];
