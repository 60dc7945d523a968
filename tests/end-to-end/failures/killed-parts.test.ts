import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { RunEnd } from "../../../src/history/events.js";
import { long } from "../../support/program.js";
import { repliesShown, reply, type RecordedRequest } from "../../support/services/fake-open-ai.js";
import { bubblewrap, needsPrograms } from "../../support/services/services.js";
import { scriptedWorld, type World } from "../support/scripted-world.js";

/**
 * Counts what settles, which is where something goes on behind an await. At the places that are named, and behind them
 * until it has hit something, it kills every thread, child process and connection that there is, and leaves the outputs alone.
 */
const killer = `
const { ChildProcess } = require("node:child_process");
const { writeFileSync } = require("node:fs");
const { Socket } = require("node:net");
const threads = require("node:worker_threads");
const [first, last] = process.env.KILL_AT.split("-").map(Number);
const workers = new Set();
const { Worker } = threads;
threads.Worker = class extends Worker {
  constructor(...given) {
    super(...given);
    workers.add(this);
    this.once("exit", () => workers.delete(this));
  }
};
require("node:module").syncBuiltinESMExports();
let settled = 0;
let killed = 0;
require("node:v8").promiseHooks.onSettled(() => {
  settled += 1;
  if (last > 0 && settled >= first && (settled < last || killed === 0)) process.nextTick(strike);
});
function strike() {
  for (const worker of workers) killed += 1, worker.terminate();
  for (const handle of process._getActiveHandles()) {
    if (handle === process.stdout || handle === process.stderr) continue;
    if (handle instanceof ChildProcess) killed += 1, handle.kill("SIGKILL");
    else if (handle instanceof Socket) killed += 1, handle.destroy();
  }
}
process.on("exit", () => writeFileSync(process.env.KILL_REPORT, JSON.stringify({ settled, killed })));
`;

const steps = [
  reply("write_to_file", { file: "report.md", text: "done" }),
  reply("execute_shell", { command_line: "sleep 0.1; echo x > shell.txt" }),
  reply("execute_shell_popen", { command_line: "while :; do sleep 0.05; done" }),
];
const checks = [
  { file_contains: { file: "report.md", pattern: "^done$" } },
  { run: { command: "cat shell.txt", output: "x" } },
  { file_exists: "shell.txt" },
];

/** By what the history shows, since a request whose connection was cut is sent again. */
const answer = ({ body }: RecordedRequest) => steps[repliesShown({ body })] ?? reply("task_complete");

type Struck = { settled: number; killed: number; code: number | null };

/** A run of which everything is killed at these places. Throws where its end is not as it should be. */
async function struckRun(t: TestContext, killAt: string): Promise<Struck> {
  const world = await scriptedWorld(t, answer, {
    ai: { goals: [{ goal: "Write it", checks }] },
    env: { EXECUTE_LOCAL_COMMANDS: "True", SANDBOX: "bubblewrap" },
  });
  const [file, report] = [join(world.folder, "kill.cjs"), join(world.folder, "killed.json")];
  writeFileSync(file, killer);
  const { code, stdout, stderr } = await world.run(["-c", "-l", "8", "--output-format", "json"], {
    env: { NODE_OPTIONS: `--require ${JSON.stringify(file)}`, KILL_AT: killAt, KILL_REPORT: report },
  });
  const shown = `killed at ${killAt}: exit code ${code}\n${stdout}${stderr}`;
  assert.ok(existsSync(report), shown);
  await endsAsItSays(world, { code, stdout, shown });
  return { ...(JSON.parse(readFileSync(report, "utf8")) as { settled: number; killed: number }), code };
}

/** There is one record, with the exit code; the journal has the same end; and a goal is met where the code is 0. */
async function endsAsItSays(
  world: World,
  { code, stdout, shown }: { code: number | null; stdout: string; shown: string },
) {
  const records = stdout.split("\n").filter((line) => line !== "");
  assert.equal(records.length, 1, shown);
  const record = JSON.parse(records[0] ?? "") as RunEnd;
  assert.equal(record.exitCode, code, shown);
  if (record.run !== null) {
    const last = (await world.journal()).at(-1) as RunEnd;
    assert.deepEqual([last.type, last.exitCode], ["run-end", code], shown);
  }
  if (code !== 0) return;
  assert.equal(await world.file("report.md"), "done", shown);
  assert.equal(await world.file("shell.txt"), "x\n", shown);
}

test("whatever is killed at whatever moment, exit code 0 means that the goal is met, and the end is told once", async (t) => {
  if (!(await needsPrograms(t, bubblewrap))) return;
  const whole = await struckRun(t, "0-0");
  assert.equal(whole.code, 0);
  const times = long ? 300 : 1;
  let killed = 0;
  const codes = new Map<number | null, number>();
  const places = Array.from({ length: times }, (_, index) => Math.ceil((whole.settled * (index + 0.5)) / times));
  const next = async (): Promise<void> => {
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      const struck = await struckRun(t, `${place}-${place + 25}`);
      killed += struck.killed;
      codes.set(struck.code, (codes.get(struck.code) ?? 0) + 1);
    }
  };
  await Promise.all([next(), next()]);
  assert.ok(killed >= times, "nothing was killed");
  t.diagnostic(
    `${times} runs, ${killed} kills among ${whole.settled} awaits; exit codes ${JSON.stringify([...codes])}`,
  );
});
