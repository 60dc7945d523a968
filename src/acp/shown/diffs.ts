import { readFile, realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { ToolCallContent } from "@agentclientprotocol/sdk";
import { decodeText } from "../../base/encoding.js";
import type { CommandCall } from "../../history/event-parts.js";
import { isWithin } from "../../protection/guarded.js";
import { realName } from "../../base/folders/real-name.js";
import { pathsIn } from "./tool-call.js";

/** A larger file is not shown as a diff. */
const mostBytes = 256 * 1024;

/** What stood in files before a command ran, so that it can be shown what it did. */
export interface Diffs {
  /** Looks at the files that a command names; it has not begun then. */
  before(step: number, call: CommandCall, workspace: string): Promise<void>;
  /** What of these is different now. */
  after(step: number): Promise<ToolCallContent[]>;
}

export function createDiffs(): Diffs {
  let seen: { step: number; files: ReadonlyMap<string, string | null> } | null = null;
  return {
    async before(step, call, workspace) {
      const files = new Map<string, string | null>();
      for (const path of pathsIn(call)) {
        const place = await placeIn(workspace, path);
        const text = place === null ? undefined : await textAt(place);
        if (place !== null && text !== undefined) files.set(place, text);
      }
      seen = { step, files };
    },
    async after(step) {
      const { files } = seen?.step === step ? seen : { files: new Map<string, string | null>() };
      seen = null;
      const found: ToolCallContent[] = [];
      for (const [path, oldText] of files) {
        const newText = await textAt(path);
        if (newText === undefined || newText === oldText) continue;
        found.push({ type: "diff", path, oldText, newText: newText ?? "" });
      }
      return found;
    },
  };
}

/** The absolute path of what a command calls so; null where that leads out of the workspace. */
async function placeIn(workspace: string, path: string): Promise<string | null> {
  const place = resolve(workspace, path);
  const root = await realpath(workspace).catch(() => workspace);
  return isWithin(root, await realName(place)) ? place : null;
}

/** Its text; null where nothing is there, undefined for what is no text, or too long. */
async function textAt(path: string): Promise<string | null | undefined> {
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  if (!found.isFile() || found.size > mostBytes) return undefined;
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || bytes.includes(0)) return undefined;
  return decodeText(bytes).text;
}
