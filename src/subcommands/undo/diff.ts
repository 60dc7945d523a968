import { commandLine } from "../../base/process/command-line.js";
import { unifiedDiff } from "../../base/lines/line-diff.js";
import { counted, sizeText } from "../../base/text.js";
import { SettingsError } from "../../errors.js";
import type { LoadedSettings } from "../../settings/load.js";
import type { Change, Entry } from "../../snapshots/entry.js";
import { bytesOf, isBinary, netChanges } from "../../snapshots/net-changes.js";
import { momentInWords } from "../../console/text/words.js";
import type { Objects } from "../../snapshots/objects.js";
import { withKeptRun, type KeptRun } from "../../compose/kept-run.js";

/** As `diff -u` and git have it. */
const contextLines = 3;

export type DiffOptions = { run: string | null; step: number | undefined; cwd: string };

/** `autogpt diff`: what a run, or one step of it, changed, as a unified diff; "" where nothing differs. */
export async function diff(loaded: LoadedSettings, { run, step, cwd }: DiffOptions): Promise<string> {
  return withKeptRun(loaded, cwd, run, async (kept) => {
    const changes = netChanges(kept.history, step);
    if (step !== undefined && changes.length === 0) throw new SettingsError(noSuchChange(kept, step));
    const parts: string[] = [];
    for (const change of changes) parts.push(await partOf(change, kept.objects));
    return undoneRemark(kept, step) + parts.filter((part) => part !== "").join("");
  });
}

/** That the workspace is not as the diff leaves it, as a remark that patch and git apply pass over; "" where it is. */
function undoneRemark({ run, history: { position }, recorded }: KeptRun, step = recorded.steps.length): string {
  if (position === null || position >= step) return "";
  const last = recorded.steps.length;
  const place = momentInWords(position);
  return `# Undone: the workspace is as it was ${place}; ${commandLine(`undo ${run} --to ${last}`)} puts all back.\n`;
}

const noSuchChange = ({ run, recorded }: KeptRun, step: number): string =>
  step > recorded.steps.length
    ? `The run ${run} has ${counted(recorded.steps.length, "step")}, so there is no step ${step}.`
    : `Step ${step} of the run ${run} changed nothing in the workspace.`;

/** In the form of git, which patch and git apply read; folders, which that form does not know, are remarks. */
async function partOf({ path, before, after }: Change, objects: Objects): Promise<string> {
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
