import * as z from "zod";
import { decodeText, type Encoding } from "../../../base/encoding.js";
import { escapeLine } from "../../../base/escape.js";
import { unifiedDiff } from "../../../base/lines/line-diff.js";
import type { TimeLimits } from "../../../base/waiting/time-limits.js";
import { counted, wholeEnd } from "../../../base/text.js";
import type { Workspace } from "../../../workspace/workspace.js";
import { defineCommand, type Fitting } from "../../command.js";
import { binaryKind } from "../binary-kind.js";
import { realPath, written } from "../file-content.js";
import { foreseeContent } from "../foresee.js";
import { applyEdits, type Edit } from "./edits.js";

const edit = z.object({ find: z.string(), replace: z.string() });

/** Replaces texts that stand in a file exactly once, all of them or none, and answers with the difference. */
export const editFile = defineCommand({
  name: "edit_file",
  label: "Edit file, replaces a text that stands in it exactly once",
  args: z.object({
    file: z.string().describe("<file>"),
    find: z.string().optional().describe("<exact_text>"),
    replace: z.string().optional().describe("<new_text>"),
    edits: z.array(edit).optional(),
  }),
  effect: "replaces",
  renames: { filename: "file", old_string: "find", old_text: "find", new_string: "replace", new_text: "replace" },
  foreign: ({ file }) => ({ kind: "file", from: file }),
  async preview({ file, ...given }, { workspace, timeLimits }) {
    const before = await textOf(workspace, file);
    const edited = applyEdits(before.text, editsOf(given), timeLimits);
    if (!edited.ok) throw new Error(edited.problem);
    const path = await realPath(workspace, file);
    return [{ kind: "file", path, before: written(before.text), after: written(edited.text) }];
  },
  async foresee(args, { workspace, timeLimits, fitting }) {
    const edited = await editedBy(args, workspace, timeLimits).catch(() => null);
    if (edited !== null) return foreseeContent(workspace, args.file, edited.bytes, await answerTo(edited, fitting));
    const path = await realPath(workspace, args.file);
    const state = await workspace.state(path);
    return { paths: [{ path, before: state, after: state }], text: "", changed: false };
  },
  async run(args, { workspace, timeLimits, fitting }) {
    const edited = await editedBy(args, workspace, timeLimits);
    const { changed } = await workspace.write(args.file, edited.bytes);
    if (!changed) return { ok: true, text: "The file is as it was: the new text is the old one.", changed };
    return { ok: true, text: await answerTo(edited, fitting), changed };
  },
});

type Edited = { file: string; count: number; before: string; after: string; bytes: Uint8Array };

/** What a file will be after these edits. Throws for one that does not fit. */
async function editedBy(
  { file, ...given }: Given & { file: string },
  workspace: Workspace,
  timeLimits: TimeLimits,
): Promise<Edited> {
  const edits = editsOf(given);
  const before = await textOf(workspace, file);
  const edited = applyEdits(before.text, edits, timeLimits);
  if (!edited.ok) throw new Error(edited.problem);
  const bytes = bytesOf(edited.text, before);
  return { file, count: edits.length, before: before.text, after: edited.text, bytes };
}

async function answerTo({ file, count, before, after }: Edited, fitting: Fitting): Promise<string> {
  const name = escapeLine(file);
  const difference = await unifiedDiff([name, name], before, after, 2);
  return shortened(`File edited successfully (${counted(count, "edit")}).\n${difference.trimEnd()}`, fitting);
}

type Given = { find?: string | undefined; replace?: string | undefined; edits?: Edit[] | undefined };

function editsOf({ find, replace, edits = [] }: Given): Edit[] {
  if (find === undefined && edits.length > 0) return edits;
  if (find === undefined)
    throw new Error(
      '"find" is missing: give "find" and "replace", or "edits", a list of objects with find and replace.',
    );
  return [{ find, replace: replace ?? "" }, ...edits];
}

type Written = { text: string; encoding: Encoding; mark: boolean };

/** Only what can be written again as it was read. */
async function textOf(workspace: Workspace, file: string): Promise<Written> {
  const bytes = await workspace.read(file);
  const { text, encoding, lost } = decodeText(bytes);
  const kind = binaryKind(bytes, encoding);
  if (kind !== null) throw new Error(`${escapeLine(file)} is ${kind}, not text.`);
  const mark =
    (encoding === "utf-8" && bytes[0] === 0xef && bytes[1] === 0xbb) || (encoding === "utf-16le" && bytes[0] === 0xff);
  const read = { text, encoding, mark };
  if (lost > 0 || (encoding !== "utf-8" && encoding !== "utf-16le") || !Buffer.from(bytesOf(text, read)).equals(bytes))
    throw new Error(
      `${escapeLine(file)} is in ${encoding}, and only UTF-8 is edited. write_to_file writes all of it anew, in UTF-8.`,
    );
  return read;
}

const bytesOf = (text: string, { encoding, mark }: Written): Uint8Array =>
  Buffer.from((mark ? "\ufeff" : "") + text, encoding === "utf-16le" ? "utf16le" : "utf8");

async function shortened(answer: string, fitting: Fitting): Promise<string> {
  const note = "\n[The rest of the difference is left out.]";
  if ((await fitting(answer)) >= answer.length) return answer;
  return answer.slice(0, wholeEnd(answer, Math.max(0, (await fitting(answer + note)) - note.length))) + note;
}
