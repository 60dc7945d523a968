import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { scriptedWorld, type World } from "../../end-to-end/support/scripted-world.js";
import { long } from "../../support/program.js";
import { bubblewrap, needsPrograms, systemPython } from "../../support/services/services.js";
import { busyProgram, claim, isMet, tricks, trusted, write, type Trick } from "./tricks.js";

type Outcome = { end: RunEnd; workspace: string; world: World };

/** How a run with these checks ends in which the model tries the trick, and then claims that all is done. */
async function endOf(t: TestContext, trick: Trick): Promise<Outcome> {
  const { checks, script, before = {}, links = {}, env = {}, args = [], protects, mustNot } = trick;
  const claims = long ? 8 : 1;
  const world = await scriptedWorld(t, [...script, ...Array<string>(claims).fill(claim)], {
    ai: {
      goals: [{ goal: "Prove it", checks, ...(protects && { protects }) }],
      ...(mustNot && { more: `must_not: ${JSON.stringify(mustNot)}\n` }),
    },
    env: { EXECUTE_LOCAL_COMMANDS: "True", SANDBOX: "bubblewrap", ...env },
  });
  const workspace = join(world.folder, args.includes("-w") ? "." : "workspace");
  mkdirSync(workspace, { recursive: true });
  for (const [file, text] of Object.entries(before)) {
    mkdirSync(dirname(join(workspace, file)), { recursive: true });
    writeFileSync(join(workspace, file), text);
  }
  for (const [link, { to, hard }] of Object.entries(links))
    hard ? linkSync(join(workspace, to), join(workspace, link)) : symlinkSync(to, join(workspace, link));
  const busy = join(world.folder, "busy.cjs");
  writeFileSync(busy, busyProgram);
  const limit = String(script.length + claims);
  const { code, stdout, stderr } = await world.run(["-c", "-l", limit, "--output-format", "json", ...args], {
    env: {
      ...(trick.busy && { NODE_OPTIONS: `--require ${JSON.stringify(busy)}` }),
      ...(trick.path && { PATH: `${join(workspace, trick.path)}:${process.env["PATH"] ?? ""}` }),
    },
  });
  const end = JSON.parse(stdout) as RunEnd;
  assert.equal(code, end.exitCode, stderr);
  return { end, workspace, world };
}

/** Exit code 0 comes only where the goal is met at the end, and with evidence that hides nothing. */
async function holds(t: TestContext, trick: Trick): Promise<void> {
  const { end, workspace } = await endOf(t, trick);
  const goal = end.goals.find(({ verdict }) => verdict === "failed") ?? end.goals[0];
  const shown = JSON.stringify(end);
  assert.equal(end.exitCode === 0, isMet(trick, workspace), shown);
  if (end.exitCode !== 0) assert.equal(goal?.verdict, "failed", shown);
  else assert.match(goal?.verdict ?? "", trick.checks.every(isTrusting) ? /^judged$/ : /^(?:proven|judged)$/, shown);
  if (trick.said) assert.match(goal?.evidence ?? "", trick.said);
}

const isTrusting = (check: object): boolean => JSON.stringify(check).includes('"trust"');

const times = long ? 10 : 1;

test("exit code 0 means that the goal is met", { concurrency: 3 }, async (t) => {
  if (!(await needsPrograms(t, bubblewrap, systemPython))) return;
  if (long) keepBusy(t);
  const all = Object.entries(tricks)
    .filter(([, { slow }]) => long || slow !== true)
    .map(([name, trick]) =>
      t.test(`whatever is tried: ${name}`, async (each) => {
        for (let round = 0; round < times; round++) await holds(each, trick);
      }),
    );
  await Promise.all(all);
});

/** Two programs for each processor that do nothing but compute, until the test ends. */
function keepBusy(t: TestContext): void {
  for (let index = 0; index < 2 * availableParallelism(); index++) {
    const busy = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
    t.after(() => busy.kill("SIGKILL"));
  }
}

test("a Python check may import from the workspace where it trusts it, and is judged by the work then", async (t) => {
  if (!(await needsPrograms(t, bubblewrap, systemPython))) return;
  const code = "import answer; raise SystemExit(0 if answer.value == 42 else 1)";
  const script = [write("answer.py", "value = 42\n")];
  const { end: allowed } = await endOf(t, { checks: [{ run: trusted(`PYTHONPATH=. python3 -c "${code}"`) }], script });
  assert.deepEqual([allowed.exitCode, allowed.goals[0]?.verdict], [0, "judged"]);
  assert.match(allowed.goals[0]?.evidence ?? "", /judged by the work itself/);
  const { end: other } = await endOf(t, { checks: [{ run: trusted(`python3 -c "${code}"`) }], script });
  assert.match(other.goals[0]?.evidence ?? "", /begins with PYTHONPATH=\./);
});

test("a resumed run remembers what was there at its start", async (t) => {
  if (!(await needsPrograms(t, bubblewrap, systemPython))) return;
  const { end, world } = await endOf(t, {
    checks: [{ file_exists: "old.md" }, { run: "python3 verify.py" }, { file_exists: "missing.md" }],
    before: { "old.md": "old", "verify.py": "pass" },
    script: [],
  });
  assert.notEqual(end.exitCode, 0);
  writeFileSync(join(world.folder, "workspace", "missing.md"), "");
  writeFileSync(join(world.folder, "workspace", "verify.py"), "pass # changed by hand");
  const { stdout } = await world.run(["--resume", "-l", "20", "--output-format", "json"]);
  const [goal] = (JSON.parse(stdout) as RunEnd).goals;
  assert.equal(
    goal?.evidence,
    "file_exists old.md: found (3 bytes) [passes before any work]; " +
      "run python3 verify.py: verify.py, by which it judges, was changed since the start; file_exists missing.md: found (0 bytes)",
  );
});
