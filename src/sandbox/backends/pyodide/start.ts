import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ask } from "../../process/ask-program.js";
import { SandboxError } from "../../sandbox.js";

/** A file that stands beside this one, in the sources and in the bundle. */
export const besideThis = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** How long the first start may take, in milliseconds, on a machine that is busy. */
const firstStartMs = 120_000;

/** Node's flags for a process that may read and write these files and folders, and nothing else. Throws SandboxError. */
export function permissionFlags({ read, write }: { read: readonly string[]; write: readonly string[] }): string[] {
  const permission = process.allowedNodeEnvironmentFlags.has("--permission")
    ? "--permission"
    : "--experimental-permission";
  const wild = [...read, ...write].find((path) => /[*,]/.test(path));
  if (wild !== undefined)
    throw new SandboxError(
      `Python cannot be confined to ${JSON.stringify(wild)}, because Node's permissions take * and , for more than letters. Rename the folder.`,
    );
  return [
    permission,
    ...read.map((path) => `--allow-fs-read=${path}`),
    ...write.map((path) => `--allow-fs-write=${path}`),
    "--no-warnings",
  ];
}

/**
 * The file of a snapshot: the memory of a Pyodide that has just started, for this version of it and of Node. Made where
 * it is missing; null where that is impossible, and then each start is slow.
 */
export async function pyodideSnapshot(folder: string, cache: string): Promise<string | null> {
  try {
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { version: string };
    const file = join(cache, `pyodide-${version}-node-${process.versions.node}-${process.arch}.bin`);
    if ((await stat(file).catch(() => null)) !== null) return file;
    await mkdir(cache, { recursive: true });
    return await make(folder, file);
  } catch {
    return null;
  }
}

async function make(folder: string, file: string): Promise<string | null> {
  const unfinished = `${file}.${randomUUID()}`;
  const backend = besideThis("pyodide-snapshot.mjs");
  const flags = permissionFlags({ read: [folder, backend], write: [dirname(file)] });
  const { ok } = await ask(process.execPath, [...flags, backend, folder, unfinished], {}, firstStartMs);
  if (!ok) {
    await rm(unfinished, { force: true });
    return null;
  }
  await rename(unfinished, file);
  return file;
}
