import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { createScreen } from "../../../src/console/screen.js";
import { terminalScreen } from "../../end-to-end/support/terminal-screen.js";

/** A screen over both streams of one terminal, which shows lines ends as a tty does. */
function watched(columns: number, rows = 8) {
  const terminal = terminalScreen({ columns, rows });
  let shown = Promise.resolve();
  const stream = () =>
    Object.assign(
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          const text = chunk.toString().replaceAll("\n", "\r\n");
          shown = shown.then(() => terminal.write(text));
          done();
        },
      }),
      { isTTY: true, columns, rows },
    );
  const [out, err] = [stream(), stream()];
  const screen = createScreen({ out, err, signal: new AbortController().signal });
  return {
    screen,
    terminal,
    lines: () => shown.then(() => terminal.lines()),
    async resize(to: number) {
      await shown;
      terminal.resize({ columns: to, rows });
      out.columns = err.columns = to;
      err.emit("resize");
      await shown;
    },
  };
}

const status = ["tail of output", "status line"];

for (const columns of [60, 80, 120]) {
  test(`at ${columns} columns the lines below stay below, and none of them is left behind`, async () => {
    const { screen, lines } = watched(columns);
    screen.show(() => status);
    for (let count = 1; count <= 12; count++) {
      screen.print(`line ${count} ${"word ".repeat(count)}`.trim());
      screen.refresh();
    }
    const shown = await lines();
    assert.deepEqual(shown.slice(-2), status);
    assert.equal(shown.filter((line) => status.includes(line)).length, 2);
    screen.rest();
    const left = await lines();
    assert.equal(left.filter((line) => status.includes(line)).length, 0);
    assert.deepEqual(
      left.filter((line) => line.startsWith("line ")).map((line) => line.split(" ")[1]),
      Array.from({ length: 12 }, (_, index) => `${index + 1}`),
    );
  });
}

test("while a line is written the lines below follow it, and a note waits for its end", async () => {
  const { screen, lines } = watched(60);
  screen.show(() => status);
  screen.write("I think 漢字 ");
  screen.refresh();
  assert.deepEqual(
    (await lines()).map((line) => line.trimEnd()),
    ["I think 漢字", ...status],
  );
  screen.note("WARNING: late");
  screen.write("and so on");
  assert.deepEqual(await lines(), ["I think 漢字 and so on", ...status]);
  screen.write("\n");
  assert.deepEqual(await lines(), ["I think 漢字 and so on", "WARNING: late", ...status]);
});

test("what interrupts a line begins on a line of its own", async () => {
  const { screen, lines } = watched(60);
  screen.write("I should do");
  screen.print("GOAL: g: open");
  assert.deepEqual(await lines(), ["I should do", "GOAL: g: open"]);
});

test("a smaller and a larger terminal have the lines once, at the bottom", async () => {
  const { screen, lines, resize } = watched(60);
  const long = "step 1 · thinking 12 s · 1 min · 12.3k tokens · $0.0123";
  screen.show(({ columns }) => [long.slice(0, columns - 1)]);
  screen.print("a line");
  await resize(30);
  assert.deepEqual(await lines(), ["a line", long.slice(0, 29).trimEnd()]);
  await resize(100);
  assert.deepEqual(await lines(), ["a line", long]);
});

test("while a question is open nothing is below it, and notes wait for the answer", async () => {
  const { screen, lines } = watched(60);
  screen.show(() => status);
  await screen.whileAsked(async () => {
    screen.print("Input: y");
    screen.note("WARNING: late");
    screen.refresh();
    assert.deepEqual(await lines(), ["Input: y"]);
  });
  assert.deepEqual(await lines(), ["Input: y", "WARNING: late", ...status]);
});
