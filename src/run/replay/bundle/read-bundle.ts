import { chmod, mkdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { makeTemporaryFolder } from "../../../base/folders/temporary-folder.js";
import { isObject, parseJson } from "../../../base/json.js";
import { messageOf, SettingsError } from "../../../errors.js";
import { cassetteFile, journalFile } from "../../../history/run-log.js";
import { runDirectory } from "../../../history/runs.js";
import { packsDirectory, snapshotFile } from "../../../snapshots/log.js";
import { openObjects } from "../../../snapshots/objects.js";
import { format, isPathOfBundle, manifest, type BundledEntry } from "./manifest.js";

/** A bundle that was unpacked: a home with the one run, and its workspace. */
export type Unpacked = { run: string; home: string; workspace: string };

/**
 * Unpacks a bundle into a temporary folder, which is removed behind `use`. Throws SettingsError for a file that is no bundle, that has
 * paths or links which lead out of it, or unpacks to more than 1 GB.
 */
export async function withBundle<Result>(file: string, use: (unpacked: Unpacked) => Promise<Result>): Promise<Result> {
  const files = await unpack(file);
  const { run, entries } = manifestIn(files, file);
  const folder = await makeTemporaryFolder("bundle");
  const [home, workspace] = [join(folder, "home"), join(folder, "workspace")];
  try {
    await mkdir(workspace, { recursive: true });
    await mkdir(runDirectory(home, run), { recursive: true });
    await makeFiles(files, { run, home, workspace })
      .then(() => restore(workspace, entries))
      .catch((thrown: unknown) => {
        throw new SettingsError(`${file} cannot be replayed: its workspace cannot be made: ${messageOf(thrown)}.`, {
          cause: thrown,
        });
      });
    return await use({ run, home, workspace }).catch(namingBundle(file, [runDirectory(home, run), folder]));
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** What is wrong with something in these folders is said of the bundle that it came from: they are gone when somebody looks. */
const namingBundle =
  (file: string, folders: readonly string[]) =>
  (thrown: unknown): never => {
    if (!(thrown instanceof SettingsError)) throw thrown;
    const message = folders.reduce((text, folder) => text.replaceAll(`${folder}${sep}`, `${file}: `), thrown.message);
    throw message === thrown.message ? thrown : new SettingsError(message, { cause: thrown });
  };

async function makeFiles(files: ReadonlyMap<string, Uint8Array>, unpacked: Unpacked): Promise<void> {
  const objects = await openObjects(packsDirectory(unpacked.home), unpacked.run);
  try {
    for (const [path, bytes] of files) {
      if (path.startsWith("contents/")) objects.put(bytes);
      else await put(placeOf(path, unpacked), bytes);
    }
    await objects.sync();
  } finally {
    objects.close();
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

/** Makes modes, folders and links what they were. Links come last: nothing is written through one of them, nor is another link. */
async function restore(workspace: string, entries: readonly BundledEntry[]): Promise<void> {
  const at = ({ path }: BundledEntry): string => join(workspace, path);
  for (const entry of entries) if (entry.kind === "folder") await mkdir(at(entry), { recursive: true });
  for (const entry of entries) if (entry.kind === "file") await chmod(at(entry), entry.mode & 0o777);
  for (const entry of entries) if (entry.kind === "link") await link(workspace, entry);
  for (const entry of [...entries].reverse())
    if (entry.kind === "folder") await chmod(at(entry), (entry.mode & 0o777) | 0o700);
}

async function link(workspace: string, { path, target }: Extract<BundledEntry, { kind: "link" }>): Promise<void> {
  const place = join(workspace, path);
  if ((await realpath(dirname(place))) !== dirname(place))
    throw new Error(`${JSON.stringify(path.slice(0, 100))} lies behind another link`);
  await symlink(target, place);
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
        if (!isPathOfBundle(name)) refuse(`it has the path ${JSON.stringify(name.slice(0, 100))}, which no bundle has`);
        return true;
      },
    });
    return new Map(Object.entries(files));
  } catch (thrown) {
    if (thrown instanceof SettingsError) throw thrown;
    return refuse(`it is no bundle of a run: ${messageOf(thrown)}`);
  }
}

function manifestIn(files: ReadonlyMap<string, Uint8Array>, file: string) {
  const given = parseJson(Buffer.from(files.get("manifest.json") ?? []).toString("utf8"));
  const { data } = manifest.safeParse(given);
  if (data === undefined) throw new SettingsError(`${file} cannot be replayed: ${strangeManifest(given)}`);
  const missing = ["events.jsonl", "cassette.jsonl"].find((path) => !files.has(path));
  if (missing === undefined) return data;
  throw new SettingsError(
    `${file} cannot be replayed: it has no ${missing}. Have the run packed anew by "autogpt bundle".`,
  );
}

function strangeManifest(given: unknown): string {
  const { format: found, version } = isObject(given) ? given : {};
  if (typeof found !== "number" || found <= format)
    return "its manifest.json is not of a bundle that this version knows.";
  const by =
    typeof version === "string"
      ? ` It was made by autogpt ${version.slice(0, 40)}: take that version or a later one.`
      : "";
  return `it is a bundle of format ${found}, and this version knows format ${format}.${by}`;
}
