import { appendFile, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isPathBelow } from "../../base/folders/path-below.js";
import { replaceFile } from "../../base/files.js";
import { SettingsError } from "../../errors.js";
import { journalFile } from "../../history/run-log.js";
import { runDirectory } from "../../history/runs.js";
import { contentOf, type FileEntry, type Part } from "../folder/entry.js";
import { UnusableRunError } from "../folder/lay-out.js";
import type { RunStatus, RunStore } from "../store/run-store.js";
import { storedNames } from "../worker/run-folder.js";

/** A copy of what the store has of a run, in a folder of this machine, for whoever only looks at it. */
export interface RunCopy {
  /** The program's own folder as the run has it. */
  readonly home: string;
  /** Where the run stands, as it was heard last; null before that. */
  status(): RunStatus | null;
  /** Brings status and journal up to date. Throws SettingsError where the run is gone, StoreDownError where the store is away. */
  bringJournal(): Promise<void>;
  /** Brings the other files of these folders, below `home`, up to date. Throws the same, and UnusableRunError where the store has lost a part. */
  bringFiles(folders: readonly string[]): Promise<void>;
}

export type CopiedStore = Pick<RunStore, "place" | "linesFrom" | "filesBelow" | "contents">;

/** How many lines are asked for at a time: at first, at the least and at the most, as they are long or short. */
const firstLines = 64;
const leastLines = 8;
const mostLines = 4_096;
/** Fewer lines are asked for next time where they were more bytes than this, and more where they were less than a quarter of it. */
const bytesAtOnce = 4 << 20;

/** Keeps the copy in the folder `root`, which has to be empty, and of this process alone. */
export function copyRun(store: CopiedStore, run: string, root: string): RunCopy {
  const home = join(root, storedNames.home);
  const journal = journalFile(runDirectory(home, run));
  let [have, lines, status] = [-1, firstLines, null as RunStatus | null];
  const files = copiedFiles(store, run, root);
  let filesOf = "";
  return {
    home,
    status: () => status,
    async bringJournal() {
      await mkdir(dirname(journal), { recursive: true, mode: 0o700 });
      for (;;) {
        const more = await store.linesFrom(run, Math.max(0, have) + 1, lines);
        if (more === null) throw new SettingsError(`The run ${run} is gone from the store at ${store.place}.`);
        // At first, and where the store has lost data: what is left of the run is another journal, and another file.
        const isOther = more.count < have;
        if (isOther || have === -1) {
          await replaceFile(journal, "");
          have = 0;
          if (isOther) continue;
        }
        if (more.lines.length > 0) await appendFile(journal, more.lines.map((line) => `${line}\n`).join(""));
        have += more.lines.length;
        status = more.status;
        if (have >= more.count || more.lines.length === 0) return;
        lines = linesNext(more.lines);
      }
    },
    async bringFiles(folders) {
      const now = JSON.stringify([have, status?.state, status?.since]);
      if (now === filesOf) return;
      for (const folder of folders)
        for (const [path, entry] of await store.filesBelow(run, `${storedNames.home}/${folder}`))
          if (join(root, path) !== journal) await files.bring(path, entry);
      filesOf = now;
    },
  };
}

function linesNext(lines: readonly string[]): number {
  const bytes = lines.reduce((sum, line) => sum + line.length, 0);
  if (bytes > bytesAtOnce) return Math.max(leastLines, lines.length >> 1);
  return bytes < bytesAtOnce / 4 ? Math.min(mostLines, lines.length * 2) : lines.length;
}

/** Files by their parts: of one to which something was added, what is new is asked for. Folders and links are not made. */
function copiedFiles(store: CopiedStore, run: string, root: string) {
  const known = new Map<string, readonly Part[]>();
  return {
    async bring(path: string, entry: FileEntry): Promise<void> {
      if (entry.kind !== "file" || !isPathBelow(path)) return;
      const before = known.get(path) ?? [];
      const same = entry.parts.findIndex(({ hash }, index) => hash !== before[index]?.hash);
      const kept = same === -1 ? entry.parts.length : same;
      if (known.has(path) && kept === entry.parts.length && kept === before.length) return;
      known.delete(path);
      await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o700 });
      await writeFrom(join(root, path), entry.parts, kept);
      known.set(path, entry.parts);
    },
  };

  /** Writes the parts behind the first `kept` ones, which are in the file already. */
  async function writeFrom(file: string, parts: readonly Part[], kept: number): Promise<void> {
    const handle = await open(file, kept === 0 ? "w" : "r+", 0o600);
    try {
      let offset = parts.slice(0, kept).reduce((sum, { length }) => sum + length, 0);
      await handle.truncate(offset);
      for (let first = kept; first < parts.length;) {
        let [end, bytes] = [first, 0];
        for (; end < parts.length && bytes < bytesAtOnce; end++) bytes += parts[end]?.length ?? 0;
        const names = parts.slice(first, end).map(contentOf);
        for (const content of await store.contents(run, names)) {
          if (content === null) throw new UnusableRunError(`The store has lost a part of a file of the run ${run}.`);
          await handle.write(content, 0, content.length, offset);
          offset += content.length;
        }
        first = end;
      }
    } finally {
      await handle.close();
    }
  }
}
