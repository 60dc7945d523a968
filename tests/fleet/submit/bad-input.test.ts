import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { timeFrom } from "../../../src/subcommands/fleet/time-from.js";
import { runInProcess } from "../../support/in-process.js";
import { temporaryFolder } from "../../support/program.js";
import { startRedis } from "../../support/services/redis-server.js";

test("a time is a day with or without a time of it, or so long from now, and none that has passed", () => {
  const now = Date.parse("2026-12-01T08:00");
  assert.equal(timeFrom("2026-12-01T09:30", now), now + 90 * 60_000);
  assert.equal(timeFrom("2026-12-01 09:30", now), now + 90 * 60_000);
  assert.equal(timeFrom("2026-12-02", now), Date.parse("2026-12-02T00:00"));
  assert.equal(timeFrom("2026-12-01t23:00z", now), Date.parse("2026-12-01T23:00Z"));
  assert.equal(timeFrom("2026-12-01T23:00+02:00", now), Date.parse("2026-12-01T21:00Z"));
  assert.equal(timeFrom("2h", now), now + 7_200_000);
  assert.equal(timeFrom("2d", now), now + 172_800_000);
  assert.equal(timeFrom("2026-12-01T07:59:30", now), now - 30_000);
  for (const wrong of ["foo 1", "", "tomorrow", "-5m", "2026-13-01", "2027-02-30", "2026-12-01T25:00", "1/2/2027"])
    assert.throws(() => timeFrom(wrong, now), /--at must be a time such as/, wrong);
  assert.throws(
    () => timeFrom("2025-12-01", now),
    /--at: 2025-12-01 has passed; it is 2026-12-01 08:00 GMT[+-]\d\d:\d\d here/,
  );
});

test("what cannot be meant is told with its place and what to do, and puts nothing in", async (t) => {
  const server = await startRedis(t);
  if (server === null) return;
  const here = `127.0.0.1:${server.port}`;
  const folder = await temporaryFolder(t);
  const file = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  await file("ai_settings.yaml", "ai_name: A\nai_role: an AI\nai_goals: [Write]\n");
  await file("ai.yaml", "ai_name: A\nai_role: an AI\nai_goals: ['Describe {city}']\n");
  await file("other.csv", "town,land\nBern,CH\n");
  await file("cities.csv", "city\nBern\nRom\n");
  await file("plain.yaml", "ai_name: B\nai_role: an AI\nai_goals: [Write]\n");
  await file("large.csv", `city\n${"x".repeat(21 << 20)}\n`);
  for (const [name, rule] of Object.entries({
    check: "ai_goals: [{ goal: G, checks: [{ run: { command: 'echo {city}' } }] }]",
    guard: "ai_goals: ['{city}']\nmust_not: [{ run: 'echo {city}' }]",
    approval: "ai_goals: ['{city}']\napprove: { execute_shell: { 'echo {city}': always } }",
  }))
    await file(`${name}.yaml`, `ai_name: A\nai_role: an AI\n${rule}\n`);
  await file("rows.json", '[{"city":"Bern"}]\n');
  const type = (args: string[], url = `redis://${here}`) =>
    runInProcess({ cwd: folder, args, env: { QUEUE_URL: url, OPENAI_API_KEY: "sk-bad" } });
  const table = ["submit", "-c", "ai.yaml", "--table"];
  const wrongCommands: [string[], RegExp][] = [
    [["submit", "-c", "--priority", "0"], /--priority must be a whole number from 1 to 1000, not "0"/],
    [["submit", "-c", "--priority=-1"], /not "-1"/],
    [["submit", "-c", "--priority", "0x10"], /not "0x10"/],
    [["submit", "-c", "--after", ""], /The name of a run is empty/],
    [["fleet", "cancel", ""], /The name of a run is empty/],
    [["fleet", "retry", "nobody"], /The fleet has no run "nobody"\. "autogpt fleet" lists them/],
    [["work", "--concurrency", "1e2"], /--concurrency must be a whole number from 1 to 1000, not "1e2"/],
    [[...table, "other.csv"], /other\.csv, line 2 has no column "city", which .*; there are "town", "land"\./],
    [
      ["submit", "-c", "plain.yaml", "--table", "cities.csv"],
      /plain\.yaml uses no column .* its 2 runs .* Write \{city\}/,
    ],
    [["submit", "-c", "ai.yaml", "plain.yaml", "--table", "cities.csv"], /plain\.yaml uses no column of the table/],
    [
      ["submit", "check.yaml", "--table", "cities.csv"],
      /\{city\} stands in ai_goals\.0\.checks\.0\.run\.command, which/,
    ],
    [["submit", "guard.yaml", "--table", "cities.csv"], /\{city\} stands in must_not\.0\.run, which/],
    [["submit", "approval.yaml", "--table", "cities.csv"], /\{city\} stands in approve\.execute_shell\./],
    [[...table, "large.csv"], /large\.csv is larger than 20 MB, the most that a table may be/],
    [["submit", "-c", "-w", "ws"], /submit does not take --workspace-directory \(-w\): .* --workspace names/],
    [["submit", "-c", "--resume"], /submit does not take --resume: .* autogpt fleet retry RUN/],
    [["submit", "-c", "--output-format", "json"], /submit does not take --output-format/],
    [
      ["submit", "-c", "--ai-settings", "ai.yaml", "plain.yaml"],
      /--ai-settings names one settings file, and another one/,
    ],
    [["submit", "-c", "nope.yaml"], /There is no settings file .*nope\.yaml\. "autogpt init" writes one/],
    [["submit", "-c", "--workspace", "nows"], /--workspace: there is no folder .*nows\.$/m],
    [["submit", "-c", "--workspace", ""], /--workspace is empty/],
    [["submit", "-c", "--tags", "gpu,,web"], /--tags has a comma too many: "gpu,,web"/],
    [[...table, "rows.json"], /rows\.json is no table: that is CSV, or JSON Lines/],
  ];
  assert.equal((await type(["submit", "-c"])).code, 0);
  const alone = await type(["submit", "-c", "ai.yaml"]);
  assert.match(alone.stderr, /^WARNING: .*ai\.yaml has \{city\}, which only --table would fill/m);
  for (const [args, says] of wrongCommands) {
    const { code, stderr } = await type(args);
    assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.match(stderr, says);
  }
  const wrongAddresses: [string, RegExp][] = [
    [
      "mysql://u:pass-word@h/d",
      /QUEUE_URL .* must be an address that begins with redis:\/\/, rediss:\/\/ or postgres:\/\//,
    ],
    [`redis://:pass-word%x@${here}`, /signs such as % # @ in a password as %25 %23 %40/],
    [`redis://:pass-word#x@${here}`, /signs such as % # @ in a password/],
    ["postgres://u:pass-word%x@127.0.0.1:1/d", /signs such as % # @ in a password/],
    [`redis://${here}/first`, /a number where it names a database of Redis/],
    [
      `redis://${here}/99`,
      /Redis at 127\.0\.0\.1:\d+ has no database 99 .* Name another one in QUEUE_URL, or leave it out/,
    ],
  ];
  for (const [url, says] of wrongAddresses) {
    const { code, stderr } = await type(["fleet"], url);
    assert.equal(code, 2, `${url}: ${stderr}`);
    assert.match(stderr, says);
    assert.ok(!stderr.includes("pass-word"), stderr);
  }
  const { stdout } = await type(["fleet", "--json"]);
  assert.equal((JSON.parse(stdout) as { runs: unknown[] }).runs.length, 2);
});
