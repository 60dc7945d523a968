import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tape } from "../../cassette/tape.js";
import type { CheckContext } from "../../goals/check.js";
import { fitting, nothing, type FixedPlaces } from "../../protection/protection.js";
import type { Settings } from "../../settings/schema.js";
import type { Workspace } from "../../workspace/workspace.js";
import { tapedCode, tapedSearch } from "../tape/taped.js";
import { createCode, workspaceOf, type OwnFiles } from "../code.js";

/** More is not copied: then the folder is empty indeed. */
const mostFiles = 2_000;
const mostBytes = 64 * 1024 * 1024;

type EmptyOptions = {
  settings: Settings;
  own: OwnFiles;
  /** What goals are judged by, which is there as well. */
  fixed: FixedPlaces;
  workspace: Workspace;
  signal: AbortSignal;
  /** The most seconds that a check may take. */
  seconds: number;
  tape?: Tape | null | undefined;
};

/**
 * Hands over an empty workspace, which has nothing but what goals are judged by, to see what checks find where no work was
 * done; it is removed afterwards. Null stands for one that cannot be made.
 */
export async function withEmptyWorkspace<Result>(
  options: EmptyOptions,
  use: (empty: CheckContext | null) => Promise<Result>,
): Promise<Result> {
  const { settings, own, signal, seconds } = options;
  const folder = await mkdtemp(join(tmpdir(), "autogpt-empty-")).catch(() => null);
  if (folder === null) return use(null);
  try {
    const free = { ...own, protection: { ...own.protection, fixed: nothing } };
    const workspace = await workspaceOf(join(folder, "workspace"), free, join(folder, "temporary"));
    await copyFixed(options, workspace);
    const { tape = null } = options;
    const code = tapedCode(createCode(settings, workspace.root, free), tape);
    const search = tapedSearch(tape);
    try {
      return await use({ workspace, runShell: code.runShell(signal, seconds), search });
    } finally {
      await code.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function copyFixed({ workspace, fixed }: EmptyOptions, to: Workspace): Promise<void> {
  const files = new Set<string>();
  for (const path of fixed.paths) {
    const entry = await workspace.stat(path).catch(() => null);
    if (entry?.kind === "file") files.add(path);
    else if (entry?.kind === "folder")
      for (const file of (await workspace.list(path, mostFiles)).files) files.add(file);
  }
  if (fixed.patterns.length > 0) {
    const fits = fitting(fixed.patterns);
    for (const file of (await workspace.list("", Infinity)).files) if (fits(file)) files.add(file);
  }
  if (files.size > mostFiles) return;
  let left = mostBytes;
  for (const file of files) {
    const bytes = await workspace.read(file).catch(() => null);
    if (bytes === null || (left -= bytes.length) < 0) continue;
    await to.write(file, bytes).catch(() => undefined);
  }
}
