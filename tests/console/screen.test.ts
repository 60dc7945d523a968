import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { createScreen, type Screen } from "../../src/console/screen.js";

type Stream = PassThrough & { isTTY?: boolean };
type Seen = { screen: Screen; out(): string; err(): string; chunks: string[]; controller: AbortController };

function open(terminal: boolean): Seen {
  const [out, err]: [Stream, Stream] = [new PassThrough(), new PassThrough()];
  out.isTTY = err.isTTY = terminal;
  const chunks: string[] = [];
  out.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  let noted = "";
  err.on("data", (chunk: Buffer) => (noted += chunk.toString()));
  const controller = new AbortController();
  const screen = createScreen({ out, err, signal: controller.signal });
  return { screen, out: () => chunks.join(""), err: () => noted, chunks, controller };
}

test("on a terminal text is typed letter by letter, in Chinese and emoji too, and arrives whole", async () => {
  const text = "你好 👩‍👩‍👧 né́";
  const { screen, out, chunks } = open(true);
  await screen.type(text);
  assert.equal(out(), `${text}\n`);
  assert.ok(chunks.length > 5);
  assert.ok(chunks.includes("👩‍👩‍👧"), "a letter of several characters is typed as one");
});

test("a long text is typed several letters at a time, so that its pauses add up to two seconds at most", async () => {
  const { screen, out, chunks } = open(true);
  await screen.type("长".repeat(20_000));
  // Each piece is followed by a pause of 12 milliseconds.
  assert.ok(chunks.length * 12 <= 2_000, `${chunks.length} pieces`);
  assert.equal(out().length, 20_001);
});

test("elsewhere text is printed at once, without a spinner", async () => {
  const { screen, out, err, chunks } = open(false);
  screen.wait("Thinking...");
  await screen.type("text");
  screen.note("note");
  screen.rest();
  assert.deepEqual([out(), chunks.length, err()], ["text\n", 1, "note\n"]);
});

test("an interruption finishes the typing at once", async () => {
  const { screen, out, controller } = open(true);
  const typed = screen.type("x".repeat(100));
  controller.abort();
  await typed;
  assert.equal(out(), `${"x".repeat(100)}\n`);
});

test("the spinner turns on a terminal and is wiped away before the next line", async () => {
  const { screen, out, err } = open(true);
  screen.wait("Thinking...");
  while (!err().includes("/ Thinking...")) await new Promise((resolve) => setTimeout(resolve, 20));
  screen.print("line");
  assert.match(err(), /^\r\| Thinking\.\.\.\r\/ Thinking\.\.\.(\r[-\\|/] Thinking\.\.\.)*\r\u001b\[K$/);
  assert.equal(out(), "line\n");
  screen.rest();
});
