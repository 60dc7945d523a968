import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { findSkills } from "../../src/instructions/skills/find-skills.js";
import { temporaryFolder } from "../support/program.js";

test("a skill that is no text, or a link to nowhere, is said and left out", async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, "binary"));
  await writeFile(join(folder, "binary", "SKILL.md"), "---\nname: binary\ndescription: x\n---\n\0\x01\x02");
  await symlink("nowhere", join(folder, "link"));
  const { skills, problems } = await findSkills([{ folder, isUsers: true }]);
  assert.deepEqual(skills, []);
  assert.match(problems[0] ?? "", /binary: its SKILL\.md is no text\. The skill is left out\.$/);
  assert.match(problems[1] ?? "", /link: ENOENT.* The skill is left out\.$/);
  assert.equal(problems.length, 2);
});
