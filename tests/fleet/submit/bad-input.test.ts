import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { timeFrom } from "../../../src/subcommands/fleet/submit.js";
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
  assert.equal(timeFrom("2026-12-01T07:59:30", now), now - 30_000);
  for (const wrong of ["foo 1", "", "tomorrow", "-5m", "2026-13-01", "2027-02-30", "2026-12-01T25:00", "1/2/2027"])
    assert.throws(() => timeFrom(wrong, now), /--at must be a time such as/, wrong);
  assert.throws(() => timeFrom("2025-12-01", now), /--at: 2025-12-01 has passed; by this computer's clock it is 2026-/);
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
    [["work", "--concurrency", "1e2"], /--concurrency must be a whole number above 0, not "1e2"/],
    [[...table, "other.csv"], /other\.csv, line 2 has no column "city", which .*; there are "town", "land"\./],
    [[...table, "rows.json"], /rows\.json is no table: that is CSV, or JSON Lines/],
  ];
  assert.equal((await type(["submit", "-c"])).code, 0);
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
  assert.equal((JSON.parse(stdout) as { runs: unknown[] }).runs.length, 1);
});
