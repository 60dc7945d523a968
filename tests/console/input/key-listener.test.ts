import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { listenToKeys } from "../../../src/console/input/key-listener.js";

/** A terminal whose keys are listened to; `heard` says what they did, and what modes the terminal was set to. */
function listening(mayListen = true) {
  const heard: string[] = [];
  const input = Object.assign(new PassThrough(), {
    setRawMode: (raw: boolean) => void heard.push(raw ? "raw" : "cooked"),
  });
  const escaped = new Promise<void>((resolve) => {
    input.once("escaped", resolve);
  });
  const stop = listenToKeys(
    input,
    {
      escape: () => void (heard.push("escape"), input.emit("escaped")),
      interrupt: () => void heard.push("interrupt"),
      typed: (text) => void heard.push(text),
    },
    () => mayListen,
  );
  return { input, heard, stop, escaped };
}

test("Escape alone is heard as such; arrows, Alt and pastes, in whatever pieces they come, are not", async () => {
  const { input, heard, stop, escaped } = listening();
  input.write("\u001b[A\u001bOP\u001bx");
  input.write("\u001b");
  input.write("[1;5C");
  input.write("y\r");
  input.write("\u001b");
  await escaped;
  stop();
  assert.deepEqual(heard, ["raw", "y\r", "escape", "cooked"]);
});

test("Ctrl-C interrupts, whatever was typed before it", () => {
  const { input, heard, stop } = listening();
  input.write("abc\u0003");
  stop();
  input.write("\u0003");
  assert.deepEqual(heard, ["raw", "interrupt", "cooked"]);
});

test("in the background the terminal is left alone, until the program comes to the front", () => {
  const { heard, stop } = listening(false);
  process.emit("SIGCONT", "SIGCONT");
  stop();
  assert.deepEqual(heard, []);
  const front = listening();
  process.emit("SIGCONT", "SIGCONT");
  front.stop();
  assert.deepEqual(front.heard, ["raw", "cooked", "raw", "cooked"]);
});
