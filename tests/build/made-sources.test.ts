import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { madeSources } from "../../build/made-sources.js";
import { builtInSources } from "../../src/protection/built-in.js";
import { repository } from "../support/program.js";

test("the bundle has what the built-in list of protected names comes to", async () => {
  assert.deepEqual(await madeSources(), builtInSources());
  const bundle = readFileSync(join(repository, "dist", "cli.cjs"), "utf8");
  for (const { source } of Object.values(builtInSources()))
    assert.ok(bundle.includes(JSON.stringify(source)), source.slice(0, 40));
});
