import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { createScreen, type Screen } from "../../src/console/screen.js";

type Stream = PassThrough & { isTTY?: boolean };
type Seen = { screen: Screen; out(): string; err(): string; chunks: string[]; controller: AbortController };

function open(terminal: boolean, plain = false): Seen {
  const [out, err]: [Stream, Stream] = [new PassThrough(), new PassThrough()];
  out.isTTY = err.isTTY = terminal;
  const chunks: string[] = [];
  out.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  let noted = "";
  err.on("data", (chunk: Buffer) => (noted += chunk.toString()));
  const controller = new AbortController();
  const screen = createScreen({ out, err, signal: controller.signal, plain });
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

test("a colour is typed whole, so that the line below that is drawn in between breaks none", async () => {
  const { screen, out } = open(true);
  screen.show(() => ["status"]);
  await screen.type("\u001b[1mHEADING:\u001b[0m text");
  assert.ok(out().includes("\u001b[1m") && out().includes("\u001b[0m"), JSON.stringify(out()));
});

test("a long text is typed several letters at a time, so that its pauses add up to two seconds at most", async () => {
  const { screen, out, chunks } = open(true);
  await screen.type("长".repeat(20_000));
  // Each piece is followed by a pause of 12 milliseconds.
  assert.ok(chunks.length * 12 <= 2_000, `${chunks.length} pieces`);
  assert.equal(out().length, 20_001);
});

test("elsewhere text is printed at once, with nothing below it", async () => {
  const { screen, out, err, chunks } = open(false);
  screen.show(() => ["status"]);
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

test("on a plain terminal text is printed whole, nothing is drawn again, and no bar is read aloud", async () => {
  const { screen, out, err, chunks } = open(true, true);
  screen.show(() => ["status"]);
  await screen.type("one\ntwo");
  screen.note("note");
  screen.rest();
  assert.deepEqual([out(), chunks.length, err()], ["one\n  two\n", 1, "note\n"]);
});
