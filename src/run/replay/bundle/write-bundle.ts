import { lstat, readdir, readFile, readlink, realpath, rm } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { makeTemporaryFolder } from "../../../base/folders/temporary-folder.js";
import { createMask, secretFinder } from "../../../base/mask.js";
import { ownFiles } from "../../../compose/code.js";
import { readRunNamed } from "../../../history/read-run.js";
import { cassetteFile, journalFile } from "../../../history/run-log.js";
import { runDirectory, runsDirectory } from "../../../history/runs.js";
import { accessBelow } from "../../../protection/guarded.js";
import type { Settings } from "../../../settings/schema.js";
import { historyOf } from "../../../snapshots/history.js";
import { packsDirectory, readSnapshotLog, snapshotFile } from "../../../snapshots/log.js";
import { openObjects } from "../../../snapshots/objects.js";
import { copyWorkspace } from "../copy.js";
import { laterRuns } from "../later-runs.js";
import { cassetteOf } from "../replay-run.js";
import { format, type BundledEntry, type Manifest } from "./manifest.js";
import { maskedCassette, maskedChanges, maskedJournal } from "./masked-lines.js";

const mostFiles = 20_000;
const mostFileBytes = 16 << 20;
const mostBytes = 256 << 20;
/** Folders that others can make again, or that say more of the user than of the run. */
const leftOut = new Set([".git", "node_modules", ".venv", "__pycache__"]);

/** What a bundle holds: numbers of files and earlier contents, and what was left out of either. */
export type Bundled = {
  bytes: Uint8Array;
  workspaceFiles: number;
  contents: number;
  left: string[];
  contentsWithSecrets: number;
};

export type BundleOptions = {
  settings: Settings;
  /** The folder that the program was started in. */
  cwd: string;
  run: string;
  version: string;
  secrets: readonly string[];
};

/**
 * Packs what a replay of a run needs: journal, record, the workspace as it is now but for what later runs changed, and what the run
 * changed in it. The secrets are
 * taken out of the first two; files and earlier contents that hold one are left out, and files that no command can reach. Throws
 * SettingsError where the run has no record.
 */
export async function bundleRun({ settings, cwd, run, version, secrets }: BundleOptions): Promise<Bundled> {
  const { zip, strToU8 } = await import("fflate");
  const { home } = settings;
  await cassetteOf(home, run);
  const holdsSecret = secretFinder(secrets);
  const { start } = await readRunNamed(runsDirectory(home), run);
  const directory = runDirectory(home, run);
  const files: Record<string, Uint8Array> = {
    "events.jsonl": maskedJournal(await readFile(journalFile(directory)), secrets),
    "cassette.jsonl": maskedCassette(await readFile(cassetteFile(directory)), secrets),
  };
  const contents = await addContents(files, { home, run, secrets, holdsSecret });
  const own = ownFiles(settings, cwd, start.protect);
  const gathered = await withoutLaterRuns({ settings, run, workspace: start.workspace }, (from) =>
    addWorkspace(files, { own, root: start.workspace, from, holdsSecret }),
  );
  const mask = createMask(secrets);
  const manifest: Manifest = mask({
    ...{ format, run, version, node: process.version, platform: process.platform, workspace: start.workspace },
    entries: gathered.entries,
  });
  files["manifest.json"] = strToU8(JSON.stringify(manifest, null, 2));
  const bytes = await new Promise<Uint8Array>((resolve, reject) =>
    zip(files, { level: 6 }, (problem, data) => (problem ? reject(problem) : resolve(data))),
  );
  return { bytes, workspaceFiles: gathered.count, ...contents, left: gathered.left.map((path) => mask(path)) };
}

type Packing = { home: string; run: string; secrets: readonly string[]; holdsSecret(text: string): boolean };

async function addContents(files: Record<string, Uint8Array>, { home, run, secrets, holdsSecret }: Packing) {
  const added = { contents: 0, contentsWithSecrets: 0 };
  const { lines } = await readSnapshotLog(home, run);
  if (lines.length === 0) return added;
  files["changes.jsonl"] = maskedChanges(await readFile(snapshotFile(home, run)), secrets);
  const objects = await openObjects(packsDirectory(home), run);
  const hashes = new Set(
    historyOf(lines).changes.flatMap(({ before, after }) =>
      [before, after].flatMap((entry) => (entry?.kind === "file" && entry.hash !== null ? [entry.hash] : [])),
    ),
  );
  for (const hash of hashes) {
    const bytes = await objects.get(hash).catch(() => null);
    if (bytes === null) continue;
    if (holdsSecret(bytes.toString("utf8"))) added.contentsWithSecrets += 1;
    else {
      files[`contents/${hash}`] = bytes;
      added.contents += 1;
    }
  }
  objects.close();
  return added;
}

/**
 * Uses the workspace; where later runs have changed something there, a copy in which that is taken back: elsewhere nothing is known of
 * them.
 */
async function withoutLaterRuns<Result>(
  { settings, run, workspace }: { settings: Settings; run: string; workspace: string },
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const { home } = settings;
  const later = await laterRuns({ home, run, workspace });
  if (later.length === 0) return use(workspace);
  const folder = await makeTemporaryFolder("bundle");
  try {
    const copy = { home: join(folder, "home"), workspace: join(folder, "workspace") };
    await copyWorkspace(workspace, { copy, settings, home, later, kept: null, steps: 0 }, 0);
    return await use(copy.workspace);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `root`: the workspace, which decides what a command can reach; `from`: the folder where its files are read. */
type Gathering = {
  root: string;
  from: string;
  own: ReturnType<typeof ownFiles>;
  holdsSecret(text: string): boolean;
};

async function addWorkspace(files: Record<string, Uint8Array>, { root: given, from, own, holdsSecret }: Gathering) {
  const [left, entries]: [string[], BundledEntry[]] = [[], []];
  let [count, bytes] = [0, 0];
  const root = await realpath(given).catch(() => null);
  const folder = await realpath(from).catch(() => null);
  if (root === null || folder === null) return { left, entries, count };
  const guarded = { root, ...own, forbidden: await Promise.all(own.forbidden.map(realOrGiven)), program: [] };
  const file = async (at: string, path: string): Promise<boolean> => {
    const { size, mode } = await lstat(at);
    const fits = size <= mostFileBytes && bytes + size <= mostBytes && count < mostFiles;
    const content = fits ? await readFile(at).catch(() => null) : null;
    if (content === null || holdsSecret(content.toString("utf8"))) return false;
    files[`workspace/${path}`] = content;
    entries.push({ kind: "file", path, mode: mode & 0o7777 });
    count += 1;
    bytes += size;
    return true;
  };
  const walk = async (inside: string): Promise<void> => {
    for (const entry of await readdir(inside, { withFileTypes: true })) {
      const at = join(inside, entry.name);
      const path = relative(folder, at).split(sep).join("/");
      const isWanted = !leftOut.has(entry.name) && accessBelow(guarded, path) !== "hidden" && !holdsSecret(path);
      if (isWanted && entry.isDirectory()) {
        entries.push({ kind: "folder", path, mode: (await lstat(at)).mode & 0o7777 });
        await walk(at).catch(() => left.push(path));
      } else if (isWanted && entry.isSymbolicLink()) entries.push({ kind: "link", path, target: await readlink(at) });
      else if (!(isWanted && entry.isFile() && (await file(at, path)))) left.push(path);
    }
  };
  await walk(folder);
  return { left, entries, count };
}

const realOrGiven = (path: string): Promise<string> => realpath(path).catch(() => path);
