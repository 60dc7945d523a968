import assert from "node:assert/strict";
import { Readable, Writable } from "node:stream";
import { test } from "node:test";
import { openStore } from "../../../src/fleet/store/open-store.js";
import type { RunStatus } from "../../../src/fleet/store/run-store.js";
import { createPalette } from "../../../src/console/palette.js";
import { watchFleet } from "../../../src/subcommands/fleet/watch.js";
import { onTerminal } from "../../end-to-end/support/pseudo-terminal.js";
import { bin, startProgram, temporaryFolder } from "../../support/program.js";

const order = { settings: "ai_name: A\n", begin: [], resume: [], after: [], priority: 100, tags: ["gpu"] };
const status = (state: RunStatus["state"], more: Partial<RunStatus> = {}): RunStatus => ({
  ...{ state, since: "2026-11-29T00:00:00.000Z", steps: 0, costUsd: 0, kills: 0, aiName: "Clerk" },
  ...{ goals: ["Look at what stands in a very long line of many words, and write it down"], ...more },
});

/** What is written there, as lines; `line` resolves to the first that fits. */
function lineStream() {
  let text = "";
  let wake: () => void = () => undefined;
  const stdout = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      text += chunk;
      wake();
      done();
    },
  });
  const line = async (fits: RegExp): Promise<string> => {
    for (;;) {
      const found = text.split("\n").find((one) => fits.test(one));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { stdout, line, text: () => text };
}

/** What holds for watching a fleet, whichever store it has; `url` is that of an empty one. */
export function watchContract(name: string, url: () => string): void {
  test(`${name}: what changes is told in a line each, as JSON and in words, until the watching ends`, async (t) => {
    const store = await openStore(url());
    t.after(() => store.close());
    await store.create("run-over", order, status("ended", { exitCode: 0 }));
    await store.create("run-one", order, status("waiting"));
    for (const json of [true, false]) {
      const { stdout, line, text } = lineStream();
      const over = new AbortController();
      const palette = createPalette(0);
      const streams = { stdin: Readable.from([]), stdout };
      const watching = watchFleet(url(), { json, isDrawn: false, streams, palette, signal: over.signal });
      await line(/run-one.*waiting/);
      await store.setStatus("run-one", status("running", { steps: 2, worker: "b:1" }));
      const changed = await line(/run-one.*running/);
      await store.announce({ worker: "a:1", tags: ["gpu"], concurrency: 2 }, 60_000);
      await line(/a:1/);
      await store.withdraw("a:1");
      await line(json ? /"worker":"a:1","gone":true/ : /worker a:1 is gone/);
      over.abort();
      await watching;
      if (json) {
        const { time, ...told } = JSON.parse(changed) as { time: string };
        assert.ok(!Number.isNaN(Date.parse(time)));
        const shown = status("running", { steps: 2, worker: "b:1" });
        const { tags, priority, after } = order;
        assert.deepEqual(told, { type: "run", run: "run-one", ...shown, tags, priority, after });
      } else assert.match(changed, /^\S+Z run run-one running \(Clerk\)$/);
      assert.equal(text().includes("run-over"), json, "of runs that are over JSON alone tells at the beginning");
      await store.setStatus("run-one", status("waiting"));
    }
    for (const run of ["run-one", "run-over"]) await store.remove(run);
  });

  test(`${name}: at a terminal a table is kept up to date, fits, and leaves nothing behind`, async (t) => {
    const folder = await temporaryFolder(t);
    const store = await openStore(url());
    t.after(() => store.close());
    await store.create("run-one", order, status("waiting"));
    await store.create("run-two", order, status("ended", { exitCode: 5 }));
    const terminal = onTerminal(
      (args, given) => startProgram({ ...given, cwd: folder, args }),
      [process.execPath, bin, "fleet", "--watch"],
      { columns: 100, rows: 14 },
      { QUEUE_URL: url(), NO_COLOR: "1" },
    );
    const { screen } = terminal;
    const shown = (): string => screen.visible().join("\n");
    await terminal.shows(() => /run-one +waiting[^]*run-two +ended \(5\)/.test(shown()));
    assert.match(shown(), /1 run cannot be taken: no worker has gpu/);
    await store.setStatus("run-two", status("running", { steps: 7 }));
    await terminal.shows(() => /run-two +running[^]*run-one +waiting/.test(shown()));
    assert.equal(screen.look("running").colour, "default");
    for (let number = 0; number < 20; number++) await store.create(`run-more-${number}`, order, status("waiting"));
    await terminal.shows(() => /^… and \d+ more$/m.test(shown()));
    terminal.resize({ columns: 40, rows: 10 });
    await terminal.shows(
      () => /^… and \d\d more$/m.test(shown()) && screen.visible().every((line) => line.length < 40),
    );
    assert.match(screen.visible()[0] ?? "", /^127\.0\.0\.1:\d+: 0 workers/);
    await terminal.type("\u0003");
    assert.equal(await terminal.ended, 0);
    assert.deepEqual(screen.lines(), []);
    for (const { run } of await store.list()) await store.remove(run);
  });
}
