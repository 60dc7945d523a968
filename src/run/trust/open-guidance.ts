import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { isThere } from "../../base/folders/facts-of.js";
import { foldersToRoot } from "../../base/folders/repository.js";
import { createMask } from "../../base/mask.js";
import type { Trust } from "../../extensions/trust.js";
import type { InstructionFile } from "../../history/events/guidance.js";
import type { FoundSkill } from "../../instructions/skills/find-skills.js";
import type { LoadedSettings } from "../../settings/load.js";

/** What says how the user wants work done: for all of it, and for kinds of tasks. */
export type Guidance = { instructions: readonly InstructionFile[]; skills: readonly FoundSkill[] };

type Surroundings = {
  loaded: LoadedSettings;
  host: { trust: Trust; userSkills: readonly string[]; warn(text: string): void };
  /** The file that says who the AI is: it lies in the project's folder. */
  file: string;
  workspace: string;
};

const nothing: Guidance = { instructions: [], skills: [] };

/**
 * Finds the user's instructions and skills; what came from somebody else, and the user does not trust, is said and left out, and so
 * is what cannot be used. Secrets in instructions are masked.
 */
export async function openGuidance({ loaded, host, file, workspace }: Surroundings): Promise<Guidance> {
  const { agentsMd, skills, trustFolder } = loaded.settings;
  const folders = [dirname(file), workspace];
  const { userSkills } = host;
  const wanted = { agentsMd: agentsMd && mayBeIn(folders, "AGENTS.md"), skills: false };
  wanted.skills = skills && (mayBeIn(folders, ".autogpt/skills", ".agents/skills") || userSkills.some(existsSync));
  if (!wanted.agentsMd && !wanted.skills) return nothing;
  const { findGuidance } = await import("../../instructions/find-guidance.js");
  const trust = {
    ...host.trust,
    file: join(dirname(host.trust.file), "trusted-instructions.json"),
    given: trustFolder,
  };
  const found = await findGuidance({ ...wanted, folders, userSkills }, trust);
  for (const problem of found.problems) host.warn(`WARNING: ${problem}`);
  const mask = createMask(loaded.secrets);
  return {
    instructions: found.instructions.map((one) => ({ ...one, text: mask(one.text) })),
    skills: found.skills.map((one) => ({ ...one, description: mask(one.description), body: mask(one.body) })),
  };
}

/** Whether a folder, or one above it in its repository, has one of these: most have none, and nothing further is loaded for them. */
function mayBeIn(folders: readonly string[], ...names: readonly string[]): boolean {
  // Of a link that leads nowhere the person is told that it cannot be read.
  const isIn = (folder: string): boolean => names.some((name) => isThere(join(folder, name)));
  return folders.flatMap((folder) => foldersToRoot(realFolder(folder))).some(isIn);
}

/** Links have other folders above them than what they lead to. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
