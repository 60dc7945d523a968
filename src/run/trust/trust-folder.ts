import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import { whyForeign } from "../../base/folders/foreign.js";
import { isInRepository } from "../../base/folders/state-folder.js";
import { parseJson } from "../../base/json.js";
import { SettingsError } from "../../errors.js";
import { changeTrusted, type Trust } from "../../extensions/trust.js";

const list = () => z.object({ folders: z.array(z.string()) });

/** Beside the file that keeps which extensions are trusted. */
const fileOf = (trust: Pick<Trust, "file">): string => join(dirname(trust.file), "trusted-folders.json");

/**
 * Resolves where the workspace is the user's own, or the user has said yes to it, now or earlier, which is remembered.
 * Throws SettingsError where not: what lies in it is told to the model, and may have been written for it.
 */
export async function requireFolderTrust(workspace: string, trust: FolderTrust, given: boolean): Promise<void> {
  const folder = realNameOf(workspace);
  const why = folder === null ? null : whyForeign(folder);
  if (folder === null || why === null) return;
  const means = "The AI reads what is in it, and what somebody wrote there may lead it astray.";
  await requireYes({ what: "workspace", folder, why, means }, trust, given);
}

/** The same for the folder of the program's own state: runs that others made may go on anywhere, and do anything. */
export async function requireStateTrust(home: string, trust: FolderTrust, given: boolean): Promise<void> {
  const folder = isInRepository(home) ? realNameOf(home) : null;
  if (folder === null) return;
  const why = "came with the repository that it lies in";
  const means = "Runs, memories and rules in it may be somebody else's. AUTOGPT_HOME names another folder.";
  await requireYes({ what: "folder", folder, why, means }, trust, given);
}

/** Null for a folder that is not there. */
function realNameOf(folder: string): string | null {
  try {
    return realpathSync.native(folder);
  } catch {
    return null;
  }
}

type FolderTrust = Pick<Trust, "file" | "ask">;
type Foreign = { what: string; folder: string; why: string; means: string };

async function requireYes({ what, folder, why, means }: Foreign, trust: FolderTrust, given: boolean): Promise<void> {
  if (foldersIn(await readFile(fileOf(trust), "utf8").catch(() => "")).includes(folder)) return;
  const lines = [`${folder} ${why}. ${means}`];
  if (!given && !(await trust.ask?.(lines, "Do you trust what is in this folder (y/n)? "))) {
    throw new SettingsError(
      `The ${what} ${folder} ${why}, and you have not said that you trust what is in it. Look at it; if you do, start ` +
        "once with --trust-folder, or answer y when asked.",
    );
  }
  await changeTrusted(fileOf(trust), "folders", (text) => ({
    folders: [...foldersIn(text).filter((known) => known !== folder), folder],
  }));
}

const foldersIn = (text: string): readonly string[] => list().safeParse(parseJson(text)).data?.folders ?? [];
