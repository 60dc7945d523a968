import * as z from "zod";
import { decodeText, isText } from "../../base/encoding.js";
import { counted, sizeText } from "../../base/text.js";
import { defineCommand, type CommandContext } from "../command.js";
import type { Skills } from "../skills.js";

const args = z.object({
  name: z.string().describe("<name of the skill>"),
  file: z.string().optional().describe("<one of its files, may be left out>"),
  copy_to: z.string().optional().describe("<folder for a copy of its files, may be left out>"),
});

/**
 * Loads a skill: its instructions, which are the user's; one of its files; or a copy of its files into the workspace, where its
 * scripts can be run as any other program can, and in no other way.
 */
export const useSkill = defineCommand({
  name: "use_skill",
  label: "Load a skill",
  args,
  effect: "reads",
  needs: "skills",
  repeatable: true,
  renames: { skill: "name", skill_name: "name" },
  touches: ({ copy_to: folder }) => (folder === undefined ? [] : "all"),
  review: async ({ name, copy_to: folder }) => ({
    subjects: [name],
    ...(folder !== undefined && { effect: "writes" as const }),
  }),
  async run({ name, file, copy_to: folder }, context) {
    const skills = skillsOf(context);
    if (folder !== undefined) return copy(skills, name, folder, context);
    if (file === undefined) return loaded(skills, name);
    const [bytes = new Uint8Array()] = await skills.read(name, [file]);
    if (!isText(bytes)) throw new Error(`${file} is no text (${sizeText(bytes.length)}). copy_to copies it.`);
    return `${file} of the skill ${name}:\n\n${decodeText(bytes).text}`;
  },
});

function skillsOf({ skills }: CommandContext): Skills {
  if (skills === null) throw new Error("There are no skills in this run.");
  return skills;
}

async function loaded(skills: Skills, name: string): Promise<string> {
  const { body, files } = await skills.load(name);
  const listed =
    files.length === 0
      ? []
      : [
          `Its files: ${files.join(", ")}`,
          'use_skill with "file" reads one of them. Its scripts are not run from where they lie: use_skill with "copy_to" copies ' +
            "its files into the workspace, and commands that run programs run them there.",
        ];
  return [
    `The skill ${name} is loaded. What follows are the user's instructions for such a task; goals and constraints stay above them.`,
    body === "" ? "(It has no further instructions.)" : body,
    ...listed,
  ].join("\n\n");
}

async function copy(skills: Skills, name: string, folder: string, { workspace }: CommandContext) {
  const { files } = await skills.load(name);
  if (files.length === 0) throw new Error(`The skill ${name} has no files besides its instructions.`);
  const read = await skills.read(name, files);
  const copies = read.map((bytes, index) => ({ path: `${folder.replace(/\/+$/, "")}/${files[index]}`, bytes }));
  for (const { path, bytes } of copies) {
    const before = await workspace.stat(path);
    if (before !== null && (before.kind !== "file" || !Buffer.from(await workspace.read(path)).equals(bytes)))
      throw new Error(`${path} is there already, and it is something else. Name another folder.`);
  }
  for (const { path, bytes } of copies) await workspace.write(path, bytes);
  return {
    ok: true,
    changed: true,
    text: `${counted(copies.length, "file")} of the skill ${name} copied: ${copies.map(({ path }) => path).join(", ")}`,
  };
}
