import type { Stats } from "node:fs";
import { readdir, readFile, readlink, stat, statfs } from "node:fs/promises";

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

/** Marks files that only exist in RAM, in the target of a descriptor; their name says nothing of a disk. */
const memoryFile = /^\/(memfd:|dev\/zero \(deleted\)|SYSV)/;

/** A file that a process holds open. */
type OpenFile = { target: string; facts: Stats };

async function openFiles(pid: number): Promise<OpenFile[]> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch((): string[] => []);
  const files: OpenFile[] = [];
  for (const name of names) {
    const target = await readlink(`${folder}/${name}`).catch(() => "");
    if (!target.startsWith("/") || !target.endsWith(" (deleted)")) continue;
    const facts = await stat(`${folder}/${name}`).catch(() => null);
    if (facts?.isFile()) files.push({ target, facts });
  }
  return files;
}

/** What a tree of processes holds, in bytes: in RAM, and on disk in files that were deleted while open. */
export type Holdings = { memory: number; disk: number };

/**
 * Adds up what processes hold: their own memory, and what belongs to none of them: files in RAM that they have open, and
 * the file systems in RAM of a sandbox. What of these they have mapped is not counted twice. Linux only.
 */
export async function holdingsOf(tree: readonly ProcessFacts[]): Promise<Holdings> {
  const inMemory = await memoryFileSystems(tree);
  const counted = new Set<string>();
  let disk = 0;
  let files = [...inMemory.values()].reduce((sum, bytes) => sum + bytes, 0);
  let mapped = 0;
  for (const { pid } of tree) {
    mapped += await sharedMemory(pid);
    for (const { target, facts } of await openFiles(pid)) {
      const identity = `${facts.dev}:${facts.ino}`;
      if (counted.has(identity) || inMemory.has(facts.dev)) continue;
      counted.add(identity);
      if (memoryFile.test(target)) files += facts.blocks * 512;
      else disk += facts.blocks * 512;
    }
  }
  const own = tree.reduce((sum, { memory }) => sum + memory, 0);
  return { memory: own + Math.max(0, files - mapped), disk };
}

/** How much of a process's memory is mapped files in RAM, in bytes. */
async function sharedMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "latin1").catch(() => "");
  return Number(/^RssShmem:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** The number by which statfs knows a file system in RAM. */
const tmpfs = 0x01021994;
const places = ["/tmp", "/dev/shm"];

/** By device, how many bytes the file systems in RAM hold that these processes see and we do not. */
async function memoryFileSystems(tree: readonly ProcessFacts[]): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  const ours = await Promise.all(places.map((place) => deviceOf(place)));
  for (const { pid } of tree) {
    for (const place of places) {
      const path = `/proc/${pid}/root${place}`;
      const device = await deviceOf(path);
      if (device === null || ours.includes(device) || found.has(device)) continue;
      const facts = await statfs(path).catch(() => null);
      if (facts?.type === tmpfs) found.set(device, (facts.blocks - facts.bfree) * facts.bsize);
    }
  }
  return found;
}

const deviceOf = async (path: string): Promise<number | null> => (await stat(path).catch(() => null))?.dev ?? null;
