import assert from "node:assert/strict";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadSettings } from "../../src/settings/load.js";
import { declaredSettings } from "../../src/settings/schema.js";
import { renderEnvironmentTemplate } from "../../src/settings/template.js";
import { temporaryFolder } from "../support/program.js";

const template = fileURLToPath(new URL("../../.env.template", import.meta.url));

test("keeps .env.template equal to the schema", async () => {
  assert.equal(await readFile(template, "utf8"), renderEnvironmentTemplate(), "npm run template writes it anew");
});

test("pitfall 80: the template itself as .env gives exactly the defaults", async (t) => {
  const cwd = await temporaryFolder(t);
  const { settings: defaults } = await loadSettings({ cwd, environment: {} });
  await copyFile(template, join(cwd, ".env"));
  const { settings, secrets } = await loadSettings({ cwd, environment: {} });
  assert.deepEqual(settings, defaults);
  assert.deepEqual(secrets, []);
});

test("names every variable of the schema once", async () => {
  const text = await readFile(template, "utf8");
  const named = [...text.matchAll(/^(?:# )?([A-Z_0-9]+)=/gm)].map(([, name]) => name);
  const declared = declaredSettings().flatMap(([, { environment }]) => environment?.[0] ?? []);
  assert.deepEqual(named.toSorted(), declared.toSorted());
});

test("declares no name of a variable or flag twice", () => {
  const settings = declaredSettings().map(([, setting]) => setting);
  const names = settings.flatMap(({ environment = [], flag }) =>
    [...environment, flag?.long ?? [], flag?.short ?? []].flat(),
  );
  assert.deepEqual(names.toSorted(), [...new Set(names)].toSorted());
});
