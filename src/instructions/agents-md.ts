import { createHash } from "node:crypto";
import { lstat, open, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { whyForeignIn } from "../base/folders/foreign.js";
import { foldersToRoot } from "../base/folders/repository.js";
import { decodeText, isText } from "../base/encoding.js";
import { sizeText } from "../base/text.js";
import { messageOf } from "../errors.js";
import type { InstructionFile } from "../history/events/guidance.js";
import { isWithin } from "../protection/guarded.js";
import { ofOthers, type Others } from "./others.js";

/** The name under which other programs look for instructions, too. */
export const agentsMd = "AGENTS.md";

/** What all files together may have, in bytes. */
export const mostBytes = 32 * 1024;

/** Files of instructions, those of folders above first; `others` came from somebody else. Sentences on what was left out or cut. */
export type FoundInstructions = { files: (InstructionFile & { others: Others | null })[]; problems: string[] };

/**
 * Every AGENTS.md of these folders and of those above them up to the roots of their repositories. Where they have more than they
 * may, the nearest are whole, and of the others what there is room for. Rejects only where a folder cannot be looked at.
 */
export async function findInstructions(folders: readonly string[]): Promise<FoundInstructions> {
  const places = await placesOf(folders);
  const found: FoundInstructions = { files: [], problems: [] };
  let left = mostBytes;
  for (const { folder, root } of [...places].reverse()) {
    const path = join(folder, agentsMd);
    const read = await readInstructions(path, root).catch((thrown: unknown) => `cannot be read: ${messageOf(thrown)}`);
    if (read === null) continue;
    if (typeof read === "string") {
      found.problems.push(`${path} ${read}. The AI is not told of it.`);
      continue;
    }
    const { bytes, size, others } = read;
    if (bytes.length === 0) continue;
    if (size > left) found.problems.push(tooLong(path, size, left));
    const text = textOf(bytes, left);
    left = Math.max(0, left - size);
    if (text !== "") found.files.unshift({ file: path, bytes: size, text, others, ...(others && { foreign: true }) });
  }
  return found;
}

type Place = { folder: string; root: string };

/** The folders with those above them, each once, the outer ones first. */
async function placesOf(folders: readonly string[]): Promise<Place[]> {
  const places = new Map<string, Place>();
  for (const folder of folders) {
    const real = await realpath(folder).catch(() => null);
    if (real === null) continue;
    const above = foldersToRoot(real).reverse();
    for (const each of above) places.set(each, { folder: each, root: above[0] as string });
  }
  return [...places.values()];
}

type Read = { bytes: Buffer; size: number; others: Others | null };

/** Null where there is none; a text says why it cannot be used, as the rest of a sentence. */
async function readInstructions(path: string, root: string): Promise<Read | string | null> {
  if ((await lstat(path).catch(() => null)) === null) return null;
  const real = await realpath(path);
  const why = await whyForeignIn(path, root);
  if (why !== null && !isWithin(root, real)) return "is a link that leads out of a repository of others";
  const facts = await stat(real);
  // A pipe would be waited for.
  if (!facts.isFile()) return "is no file";
  const file = await open(real, "r");
  try {
    const bytes = Buffer.alloc(Math.min(facts.size, mostBytes + 4));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    const start = bytes.subarray(0, bytesRead);
    if (!isText(start, { cut: facts.size > bytesRead })) return "is no text";
    const digest = createHash("sha256").update(start).digest("hex");
    return { bytes: start, size: facts.size, others: why === null ? null : ofOthers(path, why, root, digest) };
  } finally {
    await file.close();
  }
}

/** At most so many bytes as text, whole lines where they are cut. */
function textOf(bytes: Buffer, most: number): string {
  if (bytes.length <= most) return decodeText(bytes).text.trim();
  const end = bytes.subarray(0, most).lastIndexOf("\n");
  return decodeText(bytes.subarray(0, end > 0 ? end : most), { cut: true }).text.trim();
}

const tooLong = (path: string, size: number, left: number): string =>
  `${path} has ${sizeText(size)}, and all ${agentsMd} together may have ${sizeText(mostBytes)}: ` +
  (left === 0 ? "the AI is not told of it." : `the AI is told the first ${sizeText(left)} of it.`);
