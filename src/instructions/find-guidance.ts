import { join } from "node:path";
import { realpath } from "node:fs/promises";
import { foldersToRoot } from "../base/folders/repository.js";
import { trustedOf, type Trust } from "../extensions/trust.js";
import type { InstructionFile } from "../history/events/guidance.js";
import { findInstructions } from "./agents-md.js";
import { ofInstructions } from "./others.js";
import { findSkills, skillPlaces, type FoundSkill, type SkillPlace } from "./skills/find-skills.js";

export type GuidanceRequest = {
  /** What is looked for. */
  agentsMd: boolean;
  skills: boolean;
  /** The settings' folder, and the workspace. */
  folders: readonly string[];
  /** Folders of the user's with skills for all projects. */
  userSkills: readonly string[];
};

/** Instructions and skills of these folders that are the user's own or trusted, and sentences on all others. */
export async function findGuidance(
  { agentsMd, skills, folders, userSkills }: GuidanceRequest,
  trust: Trust,
): Promise<{ instructions: InstructionFile[]; skills: FoundSkill[]; problems: string[] }> {
  const instructions = agentsMd ? await findInstructions(folders) : { files: [], problems: [] };
  const found = skills
    ? await findSkills([...(await projectSkills(folders)), ...userSkills.map((folder) => ({ folder, isUsers: true }))])
    : { skills: [], problems: [] };
  const all = [...instructions.files, ...found.skills];
  const foreign = all.flatMap(({ others }) => others ?? []);
  const trusted = foreign.length === 0 ? [] : await trustedOf(foreign, trust, ofInstructions);
  const isUsed = ({ others }: (typeof all)[number]): boolean => others === null || trusted.includes(others);
  const refused = foreign
    .filter((one) => !trusted.includes(one))
    .map(
      ({ file, why }) =>
        `${file} ${why}, so the AI is not told of it. If you trust it, start once with --trust-folder, or answer y when asked.`,
    );
  return {
    instructions: instructions.files.filter(isUsed).map(({ file, bytes, text, foreign: isForeign }) => ({
      ...{ file, bytes, text },
      ...(isForeign && { foreign: true }),
    })),
    skills: found.skills.filter(isUsed),
    problems: [...instructions.problems, ...found.problems, ...refused],
  };
}

/** Where skills of a project may lie, the nearest first. */
async function projectSkills(folders: readonly string[]): Promise<SkillPlace[]> {
  const real = await Promise.all([...folders].reverse().map((folder) => realpath(folder).catch(() => null)));
  const chains = real.filter((folder) => folder !== null).map(foldersToRoot);
  return [...new Set(chains.flat())].flatMap((folder) =>
    skillPlaces.map((place) => ({ folder: join(folder, place), isUsers: false })),
  );
}
