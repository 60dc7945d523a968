import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Check } from "../../src/goals/check.js";
import { allChecks } from "../../src/goals/index.js";
import { repository } from "../support/program.js";

test("every check lies in a file of its name and stands in the list once", async () => {
  const folder = join(repository, "src", "goals", "checks");
  const declared = await Promise.all(
    readdirSync(folder).map(async (file) => {
      const module = `../../src/goals/checks/${file.replace(/ts$/, "js")}`;
      const exported = Object.values((await import(module)) as Record<string, Check>);
      assert.equal(exported.length, 1, `src/goals/checks/${file} should export its check and nothing else.`);
      const [check] = exported as [Check];
      const wanted = `${check.name.replaceAll("_", "-")}.ts`;
      assert.equal(file, wanted, `src/goals/checks/${file} should be called ${wanted}, after its check.`);
      return check.name;
    }),
  );
  assert.deepEqual(
    allChecks.map(({ name }) => name).sort(),
    declared.sort(),
    "Put one line for each file of src/goals/checks into allChecks of src/goals/index.ts.",
  );
});
