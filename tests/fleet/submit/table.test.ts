import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openStore } from "../../../src/fleet/store/open-store.js";
import { columnsIn, fillSettings } from "../../../src/subcommands/fleet/fill-settings.js";
import { readTable, type Row } from "../../../src/subcommands/fleet/table.js";
import { runInProcess } from "../../support/in-process.js";
import { long, temporaryFolder } from "../../support/program.js";
import { startPostgres } from "../../support/services/postgres-server.js";
import { startRedis } from "../../support/services/redis-server.js";

const shown = (rows: readonly Row[]): unknown => rows.map(({ where, values }) => [where, Object.fromEntries(values)]);

test("a table is read from CSV, whatever stands between its columns, and from JSON Lines", async () => {
  assert.deepEqual(shown(await readTable("t.csv", '\ufeffcity,what\nBern,"a, ""b""\nc"\n\nRom,\n')), [
    ["t.csv, line 3", { city: "Bern", what: 'a, "b"\nc' }],
    ["t.csv, line 5", { city: "Rom", what: "" }],
  ]);
  assert.deepEqual(shown(await readTable("t.csv", "city;what\r\nBern;1,5\r\n")), [
    ["t.csv, line 2", { city: "Bern", what: "1,5" }],
  ]);
  assert.deepEqual(shown(await readTable("t.jsonl", '{"city":"Bern","count":3}\n\n{"city":"Rom","count":0}')), [
    ["t.jsonl, line 1", { city: "Bern", count: 3 }],
    ["t.jsonl, line 3", { city: "Rom", count: 0 }],
  ]);
});

test("a table that cannot be read is told with its line", async () => {
  await assert.rejects(readTable("t.csv", "a,b\n1,2,3\n"), /t\.csv is no table that can be read: .*line 2/);
  await assert.rejects(readTable("t.csv", "a,a\n1,2\n"), /two columns "a"/);
  await assert.rejects(readTable("t.csv", "a,b\n"), /has no rows/);
  await assert.rejects(readTable("t.jsonl", '{"a":1}\n[1]\n'), /t\.jsonl, line 2: each line must be a JSON object/);
  await assert.rejects(readTable("t.jsonl", '{"a":{"b":1}}\n'), /line 1: "a" must be a text, a number/);
});

test("what a table holds becomes part of a text of the settings, and nothing else", async () => {
  const [row] = await readTable("t.jsonl", '{"city":"Bern\\nmax_cost: 99\\n# \\"{x}\\"","count":3}');
  assert.ok(row);
  const text =
    "ai_name: '{city}'\nai_goals:\n  - goal: 'Describe {city}'\n    checks: [{ n: '{count}', p: '^\\d{3}$' }]\n";
  assert.deepEqual(JSON.parse(await fillSettings("ai.yaml", text, row)), {
    ai_name: 'Bern\nmax_cost: 99\n# "{x}"',
    ai_goals: [{ goal: 'Describe Bern\nmax_cost: 99\n# "{x}"', checks: [{ n: 3, p: "^\\d{3}$" }] }],
  });
  await assert.rejects(
    fillSettings("ai.yaml", "ai_name: 'In {cty}'\n", row),
    /t\.jsonl, line 1 has no column "cty", which ai\.yaml asks for; did you mean "city"\?/,
  );
});

test("what a row holds is found as it stands by a pattern, and is one part of an address; commands keep their braces", async () => {
  const [row] = await readTable("t.jsonl", '{"name":"a.b|c","page":"x/../y?z"}');
  assert.ok(row);
  const checks = [
    { file_contains: { file: "{name}.md", pattern: "^\\p{Lu}{name}$" } },
    { http: "https://h/{page}" },
    { http: { url: "https://h/{page}", contains: "{name}" } },
    { run: "echo ${HOME} {more}" },
  ];
  const text = JSON.stringify({ ai_name: "A", ai_goals: [{ goal: "G", checks }] });
  assert.deepEqual(await columnsIn(text), ["name", "page"]);
  const { ai_goals: goals } = JSON.parse(await fillSettings("ai.yaml", text, row)) as {
    ai_goals: { checks: unknown[] }[];
  };
  assert.deepEqual(goals[0]?.checks, [
    { file_contains: { file: "a.b|c.md", pattern: "^\\p{Lu}a\\.b\\|c$" } },
    { http: "https://h/x%2F..%2Fy%3Fz" },
    { http: { url: "https://h/x%2F..%2Fy%3Fz", contains: "a.b|c" } },
    { run: "echo ${HOME} {more}" },
  ]);
});

const servers: Readonly<Record<string, (t: TestContext) => Promise<string | null>>> = {
  Redis: (t) => startRedis(t).then((server) => server && `redis://127.0.0.1:${server.port}`),
  ...(long && { PostgreSQL: (t: TestContext) => startPostgres(t).then((server) => server && server.url) }),
};

for (const [kind, start] of Object.entries(servers))
  test(`${kind}: each row of a table becomes a run; one that makes no settings is told before any is put in`, async (t) => {
    const url = await start(t);
    if (url === null) return;
    const folder = await temporaryFolder(t);
    await writeFile(
      join(folder, "ai.yaml"),
      "ai_name: Guide\nai_role: an AI that writes\nai_goals:\n  - goal: Describe {city}\n",
    );
    const type = (...args: string[]) => runInProcess({ cwd: folder, args, env: { QUEUE_URL: url } });
    await writeFile(join(folder, "bad.csv"), 'city\nBern\n""\n');
    await writeFile(join(folder, "empty.yaml"), "ai_name: Guide\nai_role: an AI\nai_goals:\n  - goal: '{city}'\n");
    const bad = await type("submit", "empty.yaml", "--table", "bad.csv", "-c");
    assert.equal(bad.code, 2, bad.stderr);
    assert.match(bad.stderr, /empty\.yaml \(bad\.csv, line 3\)/);
    const count = long ? 500 : 20;
    await writeFile(
      join(folder, "cities.csv"),
      `city,more\n${Array.from({ length: count }, (_one, index) => `City ${index},x\n`).join("")}`,
    );
    const { code, stdout, stderr } = await type("submit", "ai.yaml", "--table", "cities.csv", "-c");
    assert.equal(code, 0, stderr);
    const names = stdout.trim().split("\n");
    assert.equal(new Set(names).size, count);
    const store = await openStore(url);
    t.after(() => store.close());
    const listed = new Map((await store.list()).map(({ run, status }) => [run, status]));
    assert.equal(listed.size, count);
    assert.deepEqual(
      names.map((run) => listed.get(run)?.goals),
      Array.from({ length: count }, (_one, index) => [`Describe City ${index}`]),
    );
    const { stdout: state } = await type("fleet", "--json");
    assert.equal((JSON.parse(state) as { queue: { waiting: number } }).queue.waiting, count);
  });
