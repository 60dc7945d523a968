import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { LoadedSkill, Skills } from "../../commands/skills.js";
import { isWithin } from "../../protection/guarded.js";
import type { FoundSkill } from "./find-skills.js";
import { digestOf, filesOf, skillFile } from "./skill-files.js";

/** The skills of a run, as commands use them. What came from others is compared with what the user has said yes to, each time. */
export function createSkills(found: readonly FoundSkill[]): Skills {
  const byName = new Map(found.map((skill) => [skill.name, skill]));
  const named = async (name: string): Promise<FoundSkill> => {
    const skill = byName.get(name.trim()) ?? byName.get(name.trim().toLowerCase());
    if (skill === undefined)
      throw new Error(`There is no skill '${name}'. There are ${[...byName.keys()].join(", ")}.`);
    if (skill.others !== null && (await digestOf(skill.folder)) !== skill.others.digest)
      throw new Error(
        `The skill ${skill.name} was changed since the run began, and it came from somebody else: the user has to trust it anew.`,
      );
    return skill;
  };
  return {
    async load(name): Promise<LoadedSkill> {
      const { folder, body } = await named(name);
      return { body, files: await filesOf(folder) };
    },
    async read(name, files) {
      const { folder } = await named(name);
      const there = [skillFile, ...(await filesOf(folder))];
      return Promise.all(
        files.map(async (file) => {
          const wanted = file
            .trim()
            .replaceAll("\\", "/")
            .replace(/^(?:\.\/)+/, "");
          const path = await realpath(join(folder, wanted)).catch(() => null);
          // A folder may have become a link since it was looked through.
          if (!there.includes(wanted) || path === null || !isWithin(folder, path))
            throw new Error(`The skill ${name} has no file '${file}'. It has ${there.join(", ")}.`);
          return readFile(path);
        }),
      );
    },
  };
}
