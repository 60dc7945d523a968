import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { isObject, parseJson } from "../../base/json.js";
import { secretFinder } from "../../base/mask.js";
import { messageOf, SettingsError } from "../../errors.js";
import { readRunNamed } from "../../history/read-run.js";
import { cassetteFile, journalFile } from "../../history/run-log.js";
import { runDirectory, runsDirectory } from "../../history/runs.js";
import { historyOf } from "../../snapshots/history.js";
import { packsDirectory, readSnapshotLog, snapshotFile } from "../../snapshots/log.js";
import { openObjects } from "../../snapshots/objects.js";
import { cassetteOf } from "./replay-run.js";

/** The form of a bundle: a ZIP archive of these folders, and `manifest.json`. */
const format = 1;
const mostFiles = 20_000;
const mostFileBytes = 16 << 20;
const mostBytes = 256 << 20;
/** Folders that others can make again, or that say more of the user than of the run. */
const leftOut = new Set([".git", "node_modules", ".venv", "__pycache__"]);

/** What a bundle holds: numbers of files, and what was left out of the workspace. */
export type Bundled = { bytes: Uint8Array; workspaceFiles: number; contents: number; left: string[] };

/**
 * Packs what a replay of a run needs: journal, record, the workspace as it is now, and what the run changed in it. Files that hold one
 * of the secrets are left out. Throws SettingsError where the run has no record.
 */
export async function bundleRun({
  home,
  run,
  version,
  secrets,
}: {
  home: string;
  run: string;
  version: string;
  secrets: readonly string[];
}): Promise<Bundled> {
  const { zip, strToU8 } = await import("fflate");
  await cassetteOf(home, run);
  const holdsSecret = secretFinder(secrets);
  const { start } = await readRunNamed(runsDirectory(home), run);
  const files: Record<string, Uint8Array> = {
    "events.jsonl": await readFile(journalFile(runDirectory(home, run))),
    "cassette.jsonl": await readFile(cassetteFile(runDirectory(home, run))),
  };
  const contents = await addContents(files, home, run);
  const { count, left } = await addWorkspace(files, { root: start.workspace, home, holdsSecret });
  const manifest = {
    format,
    run,
    version,
    node: process.version,
    platform: process.platform,
    workspace: start.workspace,
  };
  files["manifest.json"] = strToU8(JSON.stringify(manifest, null, 2));
  const bytes = await new Promise<Uint8Array>((resolve, reject) =>
    zip(files, { level: 6 }, (problem, data) => (problem ? reject(problem) : resolve(data))),
  );
  return { bytes, workspaceFiles: count, contents, left };
}

async function addContents(files: Record<string, Uint8Array>, home: string, run: string): Promise<number> {
  const { lines } = await readSnapshotLog(home, run);
  if (lines.length === 0) return 0;
  files["changes.jsonl"] = await readFile(snapshotFile(home, run));
  const objects = await openObjects(packsDirectory(home), run);
  const hashes = new Set(
    historyOf(lines).changes.flatMap(({ before, after }) =>
      [before, after].flatMap((entry) => (entry?.kind === "file" && entry.hash !== null ? [entry.hash] : [])),
    ),
  );
  let count = 0;
  for (const hash of hashes) {
    const bytes = await objects.get(hash).catch(() => null);
    if (bytes === null) continue;
    files[`contents/${hash}`] = bytes;
    count += 1;
  }
  objects.close();
  return count;
}

type Gathering = { root: string; home: string; holdsSecret(text: string): boolean };

async function addWorkspace(files: Record<string, Uint8Array>, { root, home, holdsSecret }: Gathering) {
  const own = await realpath(home).catch(() => home);
  const real = await realpath(root).catch(() => null);
  const left: string[] = [];
  let [count, bytes] = [0, 0];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = relative(real ?? folder, path)
        .split(sep)
        .join("/");
      if (path === own) continue;
      if (leftOut.has(entry.name) || !(entry.isDirectory() || entry.isFile())) left.push(name);
      else if (entry.isDirectory()) await walk(path);
      else {
        const { size } = await stat(path);
        const fits = size <= mostFileBytes && bytes + size <= mostBytes && count < mostFiles;
        const content = fits ? await readFile(path) : null;
        if (content === null || holdsSecret(content.toString("utf8"))) left.push(name);
        else {
          files[`workspace/${name}`] = content;
          count += 1;
          bytes += size;
        }
      }
    }
  };
  if (real !== null) await walk(real);
  return { count, left };
}

/** Paths that a bundle has; anything else in an archive is none of ours. */
const known = /^(?:manifest\.json|events\.jsonl|cassette\.jsonl|changes\.jsonl|contents\/[0-9a-f]{64}|workspace\/.+)$/;

/** A bundle that was unpacked: a home with the one run, and its workspace. */
export type Unpacked = { run: string; home: string; workspace: string };

/**
 * Unpacks a bundle into a temporary folder, which is removed behind `use`. Throws SettingsError for a file that is no bundle, that has
 * paths which lead out of it, or unpacks to more than 1 GB.
 */
export async function withBundle<Result>(file: string, use: (unpacked: Unpacked) => Promise<Result>): Promise<Result> {
  const files = await unpack(file);
  const run = runIn(files, file);
  const folder = await realpath(await mkdtemp(join(tmpdir(), "autogpt-bundle-")));
  const [home, workspace] = [join(folder, "home"), join(folder, "workspace")];
  try {
    await mkdir(workspace, { recursive: true });
    await mkdir(runDirectory(home, run), { recursive: true });
    const objects = await openObjects(packsDirectory(home), run);
    for (const [path, bytes] of files) {
      if (path.startsWith("contents/")) objects.put(bytes);
      else await put(placeOf(path, { run, home, workspace }), bytes);
    }
    await objects.sync();
    objects.close();
    return await use({ run, home, workspace });
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

function placeOf(path: string, { run, home, workspace }: Unpacked): string {
  if (path === "events.jsonl") return journalFile(runDirectory(home, run));
  if (path === "cassette.jsonl") return cassetteFile(runDirectory(home, run));
  if (path === "changes.jsonl") return snapshotFile(home, run);
  return path === "manifest.json" ? join(home, path) : join(workspace, path.slice("workspace/".length));
}

async function put(place: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, bytes, { flag: "wx" });
}

const mostUnpacked = 1 << 30;

async function unpack(file: string): Promise<Map<string, Uint8Array>> {
  const { unzipSync } = await import("fflate");
  const refuse = (why: string): never => {
    throw new SettingsError(`${file} cannot be replayed: ${why}.`);
  };
  let total = 0;
  try {
    const files = unzipSync(await readFile(file), {
      filter({ name, originalSize }) {
        total += originalSize;
        if (total > mostUnpacked) refuse("it unpacks to more than 1 GB");
        const isOutside =
          /\\|\0|^[A-Za-z]:/.test(name) || name.split("/").some((part) => part === "" || part === "." || part === "..");
        if (isOutside || !known.test(name))
          refuse(`it has the path ${JSON.stringify(name.slice(0, 100))}, which no bundle has`);
        return true;
      },
    });
    return new Map(Object.entries(files));
  } catch (thrown) {
    if (thrown instanceof SettingsError) throw thrown;
    return refuse(`it is no bundle of a run: ${messageOf(thrown)}`);
  }
}

function runIn(files: ReadonlyMap<string, Uint8Array>, file: string): string {
  const manifest = parseJson(Buffer.from(files.get("manifest.json") ?? []).toString("utf8"));
  const run: unknown = isObject(manifest) && manifest["format"] === format ? manifest["run"] : null;
  if (typeof run === "string" && /^[\w-]{1,100}$/.test(run)) return run;
  throw new SettingsError(`${file} cannot be replayed: its manifest.json is not of a bundle that this version knows.`);
}
