import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { searchEngines } from "../../../src/settings/declared/search.js";
import { allEngines } from "../../../src/web/search/engines.js";
import { repository } from "../../support/program.js";

test("every engine has its settings, and every engine of the settings its file and its line in the list", () => {
  assert.deepEqual(
    allEngines.map(({ name }) => name).sort(),
    Object.keys(searchEngines).sort(),
    "searchEngines of src/settings/declared/search.ts and allEngines of src/web/search/engines.ts need the same names.",
  );
  const files = readdirSync(join(repository, "src", "web", "search", "engines"));
  assert.deepEqual(
    files.map((file) => file.replace(/\.ts$/, "")).sort(),
    allEngines.map(({ name }) => name.replaceAll("_", "-")).sort(),
    "Each engine needs a file of its name in src/web/search/engines and a line in src/web/search/engines.ts.",
  );
});
