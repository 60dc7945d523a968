import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { consoleListener } from "../../src/console/listener.js";
import { createLiveThoughts } from "../../src/console/live-thoughts.js";
import { createPalette } from "../../src/console/palette.js";
import { createScreen } from "../../src/console/screen.js";
import { createStatus } from "../../src/console/status/status.js";
import { createMask } from "../../src/base/mask.js";
import type { AgentEvent } from "../../src/history/events.js";
import { emptyTotals } from "../../src/history/totals.js";
import { terminalScreen } from "../end-to-end/support/terminal-screen.js";

/** A console whose lines are rendered by a terminal of so many columns. */
function rendered(columns: number) {
  const terminal = terminalScreen({ columns, rows: 24 });
  let shown = Promise.resolve();
  const stream = Object.assign(
    new Writable({
      decodeStrings: false,
      write(text: string, _encoding, done) {
        // As a terminal driver does it.
        shown = shown.then(() => terminal.write(text.replace(/\r?\n/g, "\r\n")));
        done();
      },
    }),
    { isTTY: true, columns, rows: 24 },
  );
  const { signal } = new AbortController();
  const screen = createScreen({ out: stream, err: stream, signal });
  const palette = createPalette(8);
  const mask = createMask([]);
  const live = createLiveThoughts(screen, { aiName: "Ann", palette, mask });
  const clock = { ms: 0 };
  const limits = { steps: 20, costUsd: 1, tokens: null, seconds: null };
  const status = createStatus(screen, {
    ...{ limits, goals: [], spent: null, palette, mask },
    now: () => clock.ms,
    everySecond: () => () => undefined,
  });
  const listen = consoleListener(screen, { aiName: "Ann", run: "r", journal: "/j", palette, quiet: false, live });
  let seq = 0;
  return {
    ...{ screen, status, live, clock },
    async hear(event: AgentEvent): Promise<void> {
      const whole = { seq: (seq += 1), time: "2026-11-28T00:00:00.000Z", elapsedMs: clock.ms, ...event };
      status.hear(whole);
      await listen(whole);
    },
    /** The lines that stand there now. */
    async lines(): Promise<string[]> {
      await shown;
      return terminal.lines().map((line) => line.trimEnd());
    },
    look: terminal.look,
  };
}

const totals = emptyTotals();
/** A text of several lines as one, without the bars. */
const flat = (lines: readonly string[]): string => lines.join("\n").replace(/\n\| */g, " ");

for (const columns of [60, 80, 120]) {
  test(`at ${columns} columns a warning stands behind the line that is being written, and words stay whole`, async () => {
    const { screen, live, lines } = rendered(columns);
    const thought = "word ".repeat(60).trim();
    live.hear(null);
    live.hear(`{"thoughts": {"text": "${thought.slice(0, 150)}`);
    screen.note("WARNING: The model llama3.2 is not offered by the server.");
    live.hear(`${thought.slice(150)}", "reasoning": "because"}}`);
    live.finish();
    screen.rest();
    const seen = await lines();
    assert.equal(flat(seen).split("\n")[0], `ANN THOUGHTS: ${thought}`);
    assert.ok(
      seen.some((line) => line.startsWith("WARNING: The model")),
      seen.join("\n"),
    );
    for (const line of seen)
      assert.ok(line.length < columns && !/(?:^|[| ])(?:w|wo|wor|or|ord|rd|d)(?: |$)/.test(line), line);
  });

  test(`at ${columns} columns what a command writes stands above the line at the bottom, and both go`, async () => {
    const { hear, status, screen, clock, lines } = rendered(columns);
    await hear({ type: "command-start", step: 3, command: { name: "execute_shell", args: { command_line: "make" } } });
    status.output(`one\ntwo\n${"long ".repeat(40)}\nfour\nfive\n`);
    clock.ms = 12_000;
    screen.refresh();
    const during = await lines();
    assert.match(during.at(-1) ?? "", /^step 3 of 20 · running execute_shell 12 s/);
    assert.deepEqual([during.at(-2), during.at(-3)], ["  five", "  four"]);
    assert.ok(during.every((line) => line.length < columns));
    await hear({
      type: "step-end",
      step: 3,
      command: null,
      outcome: "ran",
      result: { ok: true, text: "made" },
      totals,
    });
    status.close();
    const after = await lines();
    assert.deepEqual(
      after.filter((line) => /^step|five/.test(line)),
      [],
    );
    assert.equal(after.at(-1), "SYSTEM: made");
  });

  test(`at ${columns} columns a refused and an unknown command are shown with the reason, and an error is red`, async () => {
    const { hear, screen, lines, look } = rendered(columns);
    const refused = { name: "execute_shell", args: { command_line: `rm -rf ${"build/ ".repeat(20)}` } };
    const text = "Command execute_shell returned: Error: the user's rules do not allow this. Do not try it again.";
    await hear({
      type: "step-end",
      step: 1,
      command: refused,
      outcome: "refused",
      result: { ok: false, text },
      totals,
    });
    const unknown = { name: "fly", args: {} };
    const answer = { ok: false, text: "Command fly returned: Unknown command 'fly'." };
    await hear({ type: "step-end", step: 2, command: unknown, outcome: "not-runnable", result: answer, totals });
    screen.rest();
    const seen = flat(await lines());
    assert.match(
      seen,
      /^NEXT ACTION: COMMAND = execute_shell +ARGUMENTS = \{"command_line":"rm -rf (?:build\/ ){20}"\}/m,
    );
    assert.match(seen, /\(refused: the user's rules do not allow this\.\)/);
    assert.match(seen, /COMMAND = fly +ARGUMENTS = \{\} +\(cannot be run: Unknown command 'fly'\.\)/);
    assert.equal(look("Error: the").colour, "131");
    assert.equal(look("NEXT ACTION").bold, true);
  });

  test(`at ${columns} columns a long result is folded between words, with the line that shows all of it whole`, async () => {
    const { hear, screen, lines } = rendered(columns);
    const text = `Command read_file returned: ${"some words of a page ".repeat(200)}`;
    await hear({ type: "step-end", step: 7, command: null, outcome: "ran", result: { ok: true, text }, totals });
    screen.rest();
    const seen = await lines();
    assert.ok(seen.length <= 13, `${seen.length} rows`);
    assert.match(
      flat(seen),
      /… \d+ more lines, \d+ characters in all: \S+.* runs show r --step 7|: autogpt runs show r --step 7/,
    );
    for (const line of seen) assert.ok(line.length < columns, line);
    assert.ok(
      seen.slice(0, 6).every((line, at) => at === 0 || /^\| (?:some|words|of|a|page) /.test(line)),
      seen.join("\n"),
    );
  });
}
