import { readdir, readFile, readlink, stat } from "node:fs/promises";

/** One process of a tree: `memory` is what it holds in RAM, in bytes. */
export type ProcessFacts = { pid: number; parent: number; memory: number };

const pageSize = 4096;

/** A process and everything that descends from it, the process itself first. Linux only; empty elsewhere. */
export async function processTree(root: number): Promise<ProcessFacts[]> {
  if (process.platform !== "linux") return [];
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const all = (await Promise.all(names.map(factsOf))).filter((facts) => facts !== null);
  const found = all.filter(({ pid }) => pid === root);
  for (const facts of found) found.push(...all.filter(({ parent }) => parent === facts.pid));
  return found;
}

async function factsOf(name: string): Promise<ProcessFacts | null> {
  const line = await readFile(`/proc/${name}/stat`, "latin1").catch(() => null);
  if (line === null) return null;
  // The second field is a name in brackets that may itself hold brackets and spaces.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z") return null;
  return { pid: Number(name), parent: Number(fields[1]), memory: Number(fields[21]) * pageSize };
}

/** Processes whose environment holds this entry (`NAME=value`), wherever they have gone. Linux only. */
export async function processesMarked(entry: string): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const marked = await Promise.all(
    names.map(async (name) => {
      const environment = await readFile(`/proc/${name}/environ`, "latin1").catch(() => "");
      return environment.split("\0").includes(entry) ? Number(name) : null;
    }),
  );
  return marked.filter((pid) => pid !== null);
}

/** How many bytes a process holds on disk in files that were deleted while open. Linux only. */
export async function nameless(pid: number): Promise<number> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch((): string[] => []);
  let bytes = 0;
  for (const name of names) {
    const target = await readlink(`${folder}/${name}`).catch(() => "");
    if (!target.startsWith("/") || !target.endsWith(" (deleted)")) continue;
    const facts = await stat(`${folder}/${name}`).catch(() => null);
    if (facts?.isFile()) bytes += facts.blocks * 512;
  }
  return bytes;
}
