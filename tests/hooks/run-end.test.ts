import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findHook } from "../../src/hooks/find-hook.js";
import { createHooks } from "../../src/hooks/hooks.js";
import { emptyTotals } from "../../src/history/totals.js";
import type { RunEnd } from "../../src/history/events.js";
import { temporaryFolder } from "../support/program.js";

const end: RunEnd = {
  ...{ run: "r", reason: "task-complete", exitCode: 0, steps: 3, usage: emptyTotals(), durationMs: 1, goals: [] },
} as unknown as RunEnd;

test("whoever stops a run while its last hook hangs waits no longer than for one that was stopped before", async (t) => {
  const folder = await temporaryFolder(t);
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const path = process.env["PATH"] ?? "";
  const script = "trap '' INT TERM; echo begun > pipe; sleep 600";
  const hook = await findHook(
    {
      ...{ event: "run-end", place: "p", line: "slow", command: "sh", args: ["-c", script], env: { PATH: path } },
      ...{ folder, commands: null, timeoutMs: 600_000, required: false },
    },
    { path, workspace: "/none", home: "/none" },
  );
  const stop = new AbortController();
  const events: unknown[] = [];
  const set: number[] = [];
  let late = (): void => undefined;
  const hooks = createHooks({
    ...{ hooks: [hook], run: "r", workspace: folder, mask: (value) => value, signal: stop.signal },
    ai: { aiName: "A", aiRole: "r", goals: [], continuous: true },
    emit: async (event) => void events.push(event),
    timer: (call, milliseconds) => {
      set.push(milliseconds);
      late = call;
      return () => undefined;
    },
  });
  const ended = hooks.end(end);
  await once(createReadStream(join(folder, "pipe")), "data");
  assert.deepEqual(set, [], "as long as nobody stops the run, the hook has its own time");
  stop.abort(new Error("Interrupted."));
  assert.deepEqual(set, [10_000]);
  late();
  assert.equal(await ended, null);
  assert.deepEqual(
    events.map((event) => ({ ...(event as object), ms: 0 })),
    [
      {
        ...{ type: "hook-ran", step: 3, event: "run-end", program: "slow", ms: 0 },
        ...{ outcome: "failed", problem: "the run was stopped" },
      },
    ],
  );
});
