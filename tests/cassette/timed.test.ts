import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createStepStops } from "../../src/agent/step-stops.js";
import { createMask } from "../../src/base/mask.js";
import type { TimeLimits } from "../../src/base/waiting/time-limits.js";
import { readCassette } from "../../src/cassette/read-cassette.js";
import { recordTape } from "../../src/cassette/record.js";
import { replayTape } from "../../src/cassette/replay.js";
import type { Tape } from "../../src/cassette/tape.js";
import type { CommandContext } from "../../src/commands/command.js";
import { searchText } from "../../src/commands/files/search/search-text.js";
import type { AgentRequest } from "../../src/compose/agent/request.js";
import { errorCodec } from "../../src/compose/tape/error-codec.js";
import { stopStep, tapedStops } from "../../src/compose/tape/open-tape.js";
import { tapedRequest, tapedSearch } from "../../src/compose/tape/taped.js";
import { waitsOf } from "../../src/compose/tape/taped-models.js";
import { cassetteFile } from "../../src/history/run-log.js";
import { workspaceWith } from "../support/once.js";
import { temporaryFolder } from "../support/program.js";

type Stage = { tape: Tape; stops: ReturnType<typeof createStepStops>; begin(step: number): AbortSignal };

/** What is done on a tape that records, and then again on the one that replays it. */
async function twice<Result>(
  t: TestContext,
  record: (stage: Stage) => Promise<Result>,
  replay: (stage: Stage) => Promise<Result>,
): Promise<[Result, Result]> {
  const file = cassetteFile(await temporaryFolder(t));
  const stage = (open: (stops: Stage["stops"], now: { step: number }) => Tape): Stage => {
    const now = { step: 0 };
    const stops = createStepStops(new AbortController().signal, () => Promise.resolve({ kind: "go-on" }));
    const tape = open(stops, now);
    return { tape, stops: tapedStops(stops, tape), begin: (step) => ((now.step = step), stops.begin()) };
  };
  let close = (): void => undefined;
  const recording = stage((stops, now) => {
    const tape = recordTape({
      file,
      session: { run: "r", version: "1", seq: 0, time: "2026-11-30T00:00:00.000Z", about: () => ({}) },
      ...{ mask: createMask([]), mostBytes: 1 << 30, errors: errorCodec, stoppedBy: stops.stoppedBy },
      now: () => ({ ...now, purpose: null }),
      warn: assert.fail,
    });
    close = () => tape.close();
    return tape;
  });
  const recorded = await record(recording);
  close();
  const session = (await readCassette(file))?.sessions[0];
  assert.ok(session);
  const replaying = stage((stops, now) =>
    replayTape({
      ...{ session, isWhole: true, mask: createMask([]), errors: errorCodec, now: () => now },
      stop: (by) => stopStep(stops, by),
      end: (end) => new Error(JSON.stringify(end)),
    }),
  );
  return [recorded, await replay(replaying)];
}

const late = (timeLimits: TimeLimits): Promise<string> => {
  timeLimits.met();
  return Promise.resolve("It took too long.");
};

test("work that met a limit of time is not done again: what came of it then is given", async (t) => {
  const record = async ({ tape, begin }: Stage): Promise<string[]> => {
    begin(1);
    const quick = await tape.timed("search", { pattern: "a" }, () => Promise.resolve("3 lines"));
    begin(2);
    return [quick, await tape.timed("search", { pattern: "a" }, late)];
  };
  const replay = async ({ tape, begin }: Stage): Promise<string[]> => {
    begin(1);
    // A machine that is slower, but not twenty times as slow.
    const work = ({ of }: TimeLimits): Promise<string> => Promise.resolve(of(100) > 1_000 ? "3 lines" : "late");
    const quick = await tape.timed("search", { pattern: "a" }, work);
    begin(2);
    return [quick, await tape.timed("search", { pattern: "a" }, () => assert.fail("it was done again"))];
  };
  const [recorded, replayed] = await twice(t, record, replay);
  assert.deepEqual(recorded, ["3 lines", "It took too long."]);
  assert.deepEqual(replayed, recorded);
});

test("limits of time reach the commands and checks of a run through its tape", async (t) => {
  const workspace = await workspaceWith(t, { "a.txt": "one\n" });
  const context = { workspace, fitting: (text: string) => text.length, runSignal: new AbortController().signal };
  const both =
    (search: (given: TimeLimits) => TimeLimits) =>
    async ({ tape, begin }: Stage): Promise<unknown[]> => {
      const signal = begin(1);
      const bent: Tape = { ...tape, timed: (of, input, work) => tape.timed(of, input, (given) => work(search(given))) };
      const request = { ...{ commands: [searchText], checks: [], ask: assert.fail, limits: {} } } as unknown;
      const [command] = tapedRequest({ ...(request as AgentRequest), limits: noLimits }, bent).commands;
      const args = searchText.args.parse({ pattern: "o" });
      const found = await command?.run(args as never, { ...context, step: 1, signal } as CommandContext);
      return [found, await tapedSearch(bent)(`${"a".repeat(40)}!`, "^(a+)+$")];
    };
  const [recorded, replayed] = await twice(
    t,
    both(({ met }) => ({ of: (usualMs) => (usualMs === 20_000 ? 0 : 100), met })),
    both(() => assert.fail("it was done again")),
  );
  assert.match(String(recorded[0]), /The search was ended, because it took too long/);
  assert.equal(recorded[1], "too-slow");
  assert.deepEqual(replayed, recorded);
});

const noLimits = { steps: null, seconds: null, costUsd: null, tokens: null };

test("a step that is stopped while nothing is waited for on tape is stopped there again", async (t) => {
  const record = async ({ tape, stops, begin }: Stage): Promise<unknown[]> => {
    const signal = begin(1);
    const failed = await tape
      .timed("command", {}, () => (stops.stop(), Promise.reject(signal.reason as Error)), signal)
      .catch((thrown: unknown) => String(thrown));
    const by = [stops.stoppedBy()];
    await stops.hear();
    begin(2);
    const done = await tape.timed("command", {}, () => Promise.resolve((stops.cut(), "done")), signal);
    by.push(stops.stoppedBy());
    await stops.hear();
    return [failed, done, by, stops.stoppedBy()];
  };
  const replay = async ({ tape, stops, begin }: Stage): Promise<unknown[]> => {
    const signal = begin(1);
    const failed = await tape
      .timed("command", {}, () => assert.fail("it was done again"), signal)
      .catch((thrown: unknown) => String(thrown));
    const by = [stops.stoppedBy()];
    await stops.hear();
    const next = begin(2);
    const done = await tape.timed("command", {}, () => Promise.resolve("done"), next);
    await stops.hear();
    by.push(next.aborted ? "limit" : null);
    return [failed, done, by, stops.stoppedBy()];
  };
  const [recorded, replayed] = await twice(t, record, replay);
  assert.deepEqual(recorded, ["RunError: The user stopped this before it was done.", "done", ["user", "limit"], null]);
  assert.deepEqual(replayed, recorded);
});

test("a wait that a limit of its own has ended is no end of the run", async (t) => {
  const own = AbortSignal.abort(new DOMException("late", "TimeoutError"));
  const request = { path: "/responses/1/cancel", body: {}, signal: own };
  const asked = ({ tape, begin }: Stage): Promise<string> => {
    begin(1);
    return tape
      .request({ ...request, signal: tape.replays ? new AbortController().signal : own }, () =>
        Promise.reject(new Error("late")),
      )
      .then(String, (thrown: Error) => thrown.message);
  };
  assert.deepEqual(await twice(t, asked, asked), ["late", "late"]);
});

test("what is left to chance in how long is waited is what it was", async (t) => {
  const drawn = ({ tape }: Stage): Promise<(number | undefined)[]> => {
    const { chance } = waitsOf(tape);
    return Promise.resolve([chance?.(), chance?.(), chance?.()]);
  };
  const [recorded, replayed] = await twice(t, drawn, drawn);
  assert.deepEqual(replayed, recorded);
});
