import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { run as runFromProgram } from "../../src/api/run.js";
import { endSentence } from "../../src/console/text/words.js";
import { RunError, stopReasons, type StopReason } from "../../src/errors.js";
import type { RunEnd } from "../../src/history/events.js";
import { scriptedWorld, type World } from "../end-to-end/support/scripted-world.js";
import { runInProcess } from "../support/in-process.js";
import { eventsOfType, lastJournal } from "../support/program.js";
import { errorBody, reply, type Script } from "../support/services/fake-open-ai.js";

const nothing = reply("do_nothing");
const done = reply("task_complete", { reason: "It is done." });
const unproven = { goal: "Write it", checks: [{ file_exists: "never.md" }] };

/** How a run is brought to an end, and what it ends with. */
type Row = {
  exitCode: number;
  chat?: Script;
  args: readonly string[];
  input?: string;
  goals?: readonly (string | object)[];
  fault?: "hang";
  /** Why it is stopped from outside, while its first request is answered. */
  stop?: StopReason;
  /** It ends before there is a run, so there is nothing to report. */
  unbegun?: true;
};

/** Every reason that is declared has a row; a new one does not compile without. */
const rows: Record<StopReason, Row> = {
  "task-complete": { exitCode: 0, chat: [done], args: ["-c"] },
  "user-stopped": { exitCode: 4, chat: [nothing], args: [], input: "n\n" },
  blocked: { exitCode: 4, chat: () => done, args: ["-c"], goals: [unproven] },
  "bad-replies": { exitCode: 4, chat: () => "no command", args: ["-c"] },
  "going-in-circles": { exitCode: 6, chat: () => reply("read_file", { file: "a" }), args: ["-c"] },
  interrupted: { exitCode: 130, args: ["-c"], stop: "interrupted" },
  terminated: { exitCode: 143, args: ["-c"], stop: "terminated" },
  "limit-steps": { exitCode: 5, chat: () => nothing, args: ["-c", "-l", "2"] },
  "limit-cost": { exitCode: 5, chat: () => nothing, args: ["-c", "--max-cost", "0.01"] },
  "limit-tokens": { exitCode: 5, chat: () => nothing, args: ["-c", "--max-tokens", "5k"] },
  "limit-time": { exitCode: 5, chat: [nothing], args: ["-c", "--max-time", "0.3s"], fault: "hang" },
  "service-failed": {
    exitCode: 7,
    chat: [{ status: 401, body: errorBody("refused", "invalid_api_key") }],
    args: ["-c"],
  },
  parked: { exitCode: 75, chat: [nothing], args: ["--on-approval", "park"] },
  settings: { exitCode: 2, args: ["-l", "3"], unbegun: true },
  fault: { exitCode: 1, args: [] },
};

async function bring(t: TestContext, reason: StopReason): Promise<{ world: World; end: RunEnd; code: number | null }> {
  const { chat = [], args, input = "", goals = ["Do it"], fault, stop } = rows[reason];
  const outside = new AbortController();
  const stopping: Script = () => {
    if (stop !== undefined) outside.abort(new RunError(stop, "Stopped from outside."));
    return nothing;
  };
  const world = await scriptedWorld(t, stop === undefined ? chat : stopping, {
    ai: { goals },
    ...(fault && { faults: { 0: fault } }),
  });
  const env = {
    OPENAI_API_BASE_URL: world.server.url,
    MEMORY_BACKEND: "no_memory",
    OPENAI_RETRIES: "0",
    HOME: world.folder,
  };
  if (reason === "fault") {
    const onEvent = ({ type }: { type: string }): void => {
      if (type === "context-built") throw new TypeError("It broke.");
    };
    const end = await runFromProgram({ cwd: world.folder, env, settings: { continuous: true }, onEvent });
    return { world, end, code: end.exitCode };
  }
  const given = { cwd: world.folder, env, input, signal: outside.signal };
  const { code, stdout } = await runInProcess({ ...given, args: [...args, "--output-format", "json"] });
  return { world, end: JSON.parse(stdout) as RunEnd, code };
}

test("there is no reason to end without a row", () => {
  assert.deepEqual(Object.keys(rows).sort(), [...stopReasons].sort());
});

for (const reason of stopReasons) {
  const { exitCode, unbegun } = rows[reason];
  test(`${reason}: exit code ${exitCode}, ${unbegun ? "and no run to report" : "the same in its journal, and a report"}`, async (t) => {
    const { world, end, code } = await bring(t, reason);
    assert.deepEqual([end.reason, end.exitCode, code], [reason, exitCode, exitCode], end.message);
    if (unbegun) {
      await assert.rejects(readdir(join(world.folder, ".autogpt", "runs")));
      return;
    }
    const recorded = eventsOfType(await world.journal(), "run-end");
    assert.deepEqual(
      recorded.map((one) => [one.reason, one.exitCode]),
      [[reason, exitCode]],
    );
    const report = await readFile(join(dirname(await lastJournal(world.folder)), "report.md"), "utf8");
    assert.ok(report.includes(`${endSentence(reason)} Exit code ${exitCode}.`), report);
    assert.match(report, /^# Run `[\d-]+[0-9a-f]{4}`: .+\n[^]*\n## Goals\n\n- \*\*\w+\*\*: `/);
    assert.match(report, /\n## Next\n[^]*Journal: /);
    assert.equal(report.includes("autogpt --resume"), exitCode !== 0);
  });
}
