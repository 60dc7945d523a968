import { unifiedDiff } from "../base/lines/line-diff.js";
import { sizeText } from "../base/text.js";
import type { Change, Entry } from "./entry.js";
import { bytesOf, isBinary } from "./net-changes.js";
import type { Objects } from "./objects.js";

/** As `diff -u` and git have it. */
const contextLines = 3;

/** In the form of git, which patch and git apply read; folders, which that form does not know, are remarks. */
export async function unifiedChange({ path, before, after }: Change, objects: Objects): Promise<string> {
  if (before?.kind === "folder" || after?.kind === "folder") return folderPart(nameInDiff(path), before, after);
  if (before?.kind === "special" || after?.kind === "special")
    return `# ${nameInDiff(path)}: ${before?.kind ?? "nothing"}, then ${after?.kind ?? "nothing"}\n`;
  const [old, now] = [await bytesOf(before, objects), await bytesOf(after, objects)];
  const [oldName, newName] = [nameInDiff(`a/${path}`), nameInDiff(`b/${path}`)];
  const head = `diff --git ${oldName} ${newName}\n${modeLines(before, after)}`;
  if (old === null || now === null || isBinary(old) || isBinary(now))
    return `${head}Binary files ${oldName} and ${newName} differ (${sizeOf(before)}, then ${sizeOf(after)})\n`;
  if (old.equals(now)) return head;
  const names = [before === null ? "/dev/null" : oldName, after === null ? "/dev/null" : newName] as const;
  return head + (await unifiedDiff(names, old.toString("utf8"), now.toString("utf8"), contextLines));
}

/** A path as git writes it: one that would not be read as it is, such as with a line break in it, in quotes with its bytes as octal digits. */
function nameInDiff(path: string): string {
  if (!/["\\\p{C}\u2028\u2029]/u.test(path)) return path;
  const bytes = [...Buffer.from(path)].map((byte) => {
    const character = String.fromCharCode(byte);
    if (byte < 0x20 || byte >= 0x7f) return `\\${byte.toString(8).padStart(3, "0")}`;
    return '"\\'.includes(character) ? `\\${character}` : character;
  });
  return `"${bytes.join("")}"`;
}

function folderPart(path: string, before: Entry | null, after: Entry | null): string {
  if (before === null) return `# new folder ${path}\n`;
  if (after === null) return `# deleted folder ${path}\n`;
  if (before.kind === after.kind) return `# folder ${path}: mode ${modeOf(before)}, then ${modeOf(after)}\n`;
  return `# ${before.kind} ${path} becomes a ${after.kind}\n`;
}

function modeLines(before: Entry | null, after: Entry | null): string {
  const [old, now] = [modeOf(before), modeOf(after)];
  if (before === null) return `new file mode ${now}\n`;
  if (after === null) return `deleted file mode ${old}\n`;
  return old === now ? "" : `old mode ${old}\nnew mode ${now}\n`;
}

/** The kind and the permissions, as git writes them. */
function modeOf(entry: Entry | null): string {
  if (entry === null) return "000000";
  if (entry.kind === "link") return "120000";
  if (entry.kind === "special") return "000000";
  return `${entry.kind === "folder" ? "040" : "100"}${entry.mode.toString(8).padStart(3, "0")}`;
}

const sizeOf = (entry: Entry | null): string => (entry?.kind === "file" ? sizeText(entry.size) : "nothing");
