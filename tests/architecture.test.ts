import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { architectureProblems, mostFiles } from "./support/architecture.js";
import { repository, temporaryFolder } from "./support/program.js";

test("folders are no fuller than allowed, no imports go in circles, and all follow the floors of docs/architecture.md", () => {
  assert.deepEqual(architectureProblems(repository), []);
});

const table = [
  "| floor | folder | may import |",
  "| ----- | ------ | ---------- |",
  "| 2     | upper  | lower      |",
  "| 1     | lower  |            |",
  "| 0     | base   |            |",
].join("\n");

async function problemsOf(t: TestContext, files: Record<string, string>, page = table): Promise<string[]> {
  const root = await temporaryFolder(t);
  for (const [name, text] of Object.entries({ "docs/architecture.md": page, ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return architectureProblems(root);
}

const sound = {
  "src/upper/one.ts": 'import { two } from "../lower/two.js";\nexport const one = two;\n',
  "src/lower/two.ts": 'import { three } from "../base/three.js";\nexport const two = three;\n',
  "src/base/three.ts": "export const three = 3;\n",
};

test("a tree that keeps to its table has no problems", async (t) => {
  assert.deepEqual(await problemsOf(t, sound), []);
});

test("a folder of 16 files is a problem", async (t) => {
  const names = Array.from({ length: mostFiles + 1 }, (_, index) => `src/lower/file-${index}.ts`);
  assert.deepEqual(
    await problemsOf(t, { "src/base/three.ts": "", ...Object.fromEntries(names.map((name) => [name, ""])) }),
    ["src/lower has 16 files, more than 15: make a folder in it"],
  );
});

test("a circle of imports is a problem, types included", async (t) => {
  const problems = await problemsOf(t, {
    "src/lower/a.ts": 'import type { B } from "./b.js";\nexport type A = B | null;\n',
    "src/lower/b.ts": 'export type { A } from "./a.js";\nexport type B = string;\n',
  });
  assert.deepEqual(problems, ["circle of imports: lower/a.ts → lower/b.ts"]);
});

test("an upward import is a problem, and so is a table that allows one", async (t) => {
  const upward = { ...sound, "src/lower/four.ts": 'export const later = () => import("../upper/one.js");\n' };
  assert.deepEqual(await problemsOf(t, upward), ["lower/four.ts imports upper/one.ts: the table does not allow it"]);
  const allowing = table.replace("| 1     | lower  |            |", "| 1     | lower  | upper      |");
  assert.deepEqual(await problemsOf(t, sound, allowing), [
    "the table lets lower (floor 1) import upper, which does not lie below it",
  ]);
});

test("a folder that the table does not name is a problem, and so is an import from the ground floor upwards", async (t) => {
  assert.deepEqual(
    await problemsOf(t, {
      ...sound,
      "src/new/five.ts": 'import "../base/three.js";\nexport * from "../base/three.js";\n',
    }),
    ["new is not in the table of docs/architecture.md"],
  );
  assert.deepEqual(await problemsOf(t, { ...sound, "src/base/six.ts": 'export { two } from "../lower/two.js";\n' }), [
    "base/six.ts imports lower/two.ts: the table does not allow it",
  ]);
});
