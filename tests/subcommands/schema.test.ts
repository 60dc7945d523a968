import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { format, resolveConfig } from "prettier";
import { eventSchemas } from "../../src/history/events.js";
import { declaredSettings } from "../../src/settings/schema.js";
import { nameOf } from "../../src/settings/setting.js";
import { withJournalTables } from "../../src/subcommands/schema/journal-tables.js";
import { schemaNames } from "../../src/subcommands/schema/names.js";
import { schemaOf } from "../../src/subcommands/schema/schema.js";
import { repository, runProgram, temporaryFolder } from "../support/program.js";

const copyOf = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(join(repository, "schemas", `${name}.schema.json`), "utf8"));

for (const name of schemaNames) {
  test(`schemas/${name}.schema.json is what is declared`, async () => {
    const declared: unknown = JSON.parse(JSON.stringify(schemaOf(name)));
    assert.deepEqual(await copyOf(name), declared, "npm run template writes the copies anew");
  });
}

test("docs/journal.md has the fields of every event as they are declared", async () => {
  const file = join(repository, "docs", "journal.md");
  const page = await readFile(file, "utf8");
  const renewed = await format(withJournalTables(page), { ...(await resolveConfig(file)), filepath: file });
  assert.equal(page, renewed, "npm run template writes its tables anew");
  for (const type of Object.keys(eventSchemas)) assert.ok(page.includes(`\n### ${type}\n`), type);
  assert.doesNotMatch(page, /undefined|\[object/);
});

test("every event and every field of one says what it means", () => {
  const unexplained: string[] = [];
  const look = (place: string, schema: Record<string, unknown>): void => {
    const {
      properties = {},
      description,
      $ref,
    } = schema as { properties?: object; description?: string; $ref?: string };
    if (description === undefined && $ref === undefined && !place.endsWith("type")) unexplained.push(place);
    for (const [name, field] of Object.entries(properties)) look(`${place}.${name}`, field as never);
  };
  for (const [name, part] of Object.entries(schemaOf("events").$defs ?? {})) look(name, part as never);
  assert.deepEqual(unexplained, []);
});

test("autogpt schema prints them, the same on every machine and whatever is set there", async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, ".env"), "OPENAI_API_KEY=sk-not-to-be-printed\nMEMORY_INDEX=mine\n");
  for (const name of schemaNames) {
    const { code, stdout, stderr } = await runProgram({ cwd, args: ["schema", name], env: { REDIS_HOST: "mine" } });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(JSON.parse(stdout), await copyOf(name));
  }
});

test("a schema that there is not is a usage error that names those that there are", async (t) => {
  const { code, stderr } = await runProgram({ cwd: await temporaryFolder(t), args: ["schema", "event"] });
  assert.equal(code, 2);
  assert.match(stderr, /events, settings, goals/);
});

test("the schema of the settings has each of them, by the name that config show gives it", () => {
  const { properties = {} } = schemaOf("settings");
  assert.deepEqual(
    Object.keys(properties),
    declaredSettings().map(([key, setting]) => nameOf(key, setting)),
  );
});
