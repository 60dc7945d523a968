import { readFile, readdir, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { whyForeignIn } from "../../base/folders/foreign.js";
import { foldersToRoot } from "../../base/folders/repository.js";
import { decodeText, isText } from "../../base/encoding.js";
import { messageOf } from "../../errors.js";
import { isWithin } from "../../protection/guarded.js";
import { ofOthers, type Others } from "../others.js";
import { parseSkill, type ParsedSkill } from "./parse-skill.js";
import { digestOf, skillFile } from "./skill-files.js";

/** A skill that was found: its folder's real path, and, where it came from somebody else, what its user has to say yes to. */
export type FoundSkill = ParsedSkill & { folder: string; others: Others | null };

/** Sentences on what does not conform, and on what was left out. */
export type FoundSkills = { skills: FoundSkill[]; problems: string[] };

/** Where skills lie below a folder; the second one is the program's own, the first is shared with other programs. */
export const skillPlaces: readonly string[] = [join(".autogpt", "skills"), join(".agents", "skills")];

/** A folder that holds folders of skills; `isUsers`: it is the user's for all projects, whatever repository it lies in. */
export type SkillPlace = { folder: string; isUsers: boolean };

const mostSkills = 200;
const mostBytes = 1 << 20;

/** Every skill of these folders, which hold folders of skills, the nearest first: of two with one name the first counts. */
export async function findSkills(places: readonly SkillPlace[]): Promise<FoundSkills> {
  const found: FoundSkills = { skills: [], problems: [] };
  const seen = new Set<string>();
  for (const { folder: place, isUsers } of places) {
    const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
    const names = entries.filter((entry) => !entry.isFile() && !entry.name.startsWith(".")).map(({ name }) => name);
    for (const name of names.sort()) {
      const leftOut = (thrown: unknown): null => {
        found.problems.push(`${join(place, name)}: ${messageOf(thrown)}. The skill is left out.`);
        return null;
      };
      const folder = await realpath(join(place, name)).catch(leftOut);
      if (folder === null || seen.has(folder)) continue;
      seen.add(folder);
      await addSkill(found, { place, name, folder, isUsers }).catch(leftOut);
      if (found.skills.length < mostSkills) continue;
      found.problems.push(`There are more than ${mostSkills} skills; those of ${place} behind ${name} are left out.`);
      return found;
    }
  }
  return found;
}

type Candidate = { place: string; name: string; folder: string; isUsers: boolean };

async function addSkill({ skills, problems }: FoundSkills, candidate: Candidate): Promise<void> {
  const { place, name, folder, isUsers } = candidate;
  const written = join(place, name, skillFile);
  const file = await skillFileIn(folder);
  if (file === null) return;
  if (file !== skillFile) {
    problems.push(`${join(place, name, file)}: the file of a skill is called ${skillFile}. The skill is left out.`);
    return;
  }
  const facts = await stat(join(folder, file));
  if (!facts.isFile()) throw new Error(`its ${skillFile} is no file`);
  if (facts.size > mostBytes) throw new Error(`its ${skillFile} has more than 1 MB`);
  const bytes = await readFile(join(folder, file));
  if (!isText(bytes)) throw new Error(`its ${skillFile} is no text`);
  const reading = parseSkill(decodeText(bytes).text, written, name);
  problems.push(...reading.problems);
  if (reading.skill === null) {
    problems.push(`The skill in ${join(place, name)} is left out.`);
    return;
  }
  const { skill } = reading;
  const before = skills.find((one) => one.name === skill.name);
  if (before !== undefined) {
    problems.push(`${written}: the skill of the same name in ${before.folder} counts, and this one is left out.`);
    return;
  }
  skills.push({ ...skill, folder, others: isUsers ? null : await othersIn(place, folder, written) });
}

/** The name of the file that makes a folder a skill, whatever letters it is written in; null where there is none. */
async function skillFileIn(folder: string): Promise<string | null> {
  const names = await readdir(folder).catch(() => []);
  return names.find((name) => name === skillFile) ?? names.find((name) => name.toLowerCase() === "skill.md") ?? null;
}

/** Throws an Error where a repository of others has a link to something out of it: it would be told what is the user's. */
async function othersIn(place: string, folder: string, written: string): Promise<Others | null> {
  const real = await realpath(place);
  const root = foldersToRoot(real).at(-1) ?? real;
  const file = await realpath(join(folder, skillFile));
  const why = (await whyForeignIn(place, root)) ?? (await whyForeignIn(file, root));
  if (!isWithin(folder, file)) throw new Error(`its ${skillFile} is a link that leads out of its folder`);
  if (why === null) return null;
  if (!isWithin(root, folder)) throw new Error("it is a link that leads out of a repository of others");
  return ofOthers(dirname(written), why, root, await digestOf(folder));
}
