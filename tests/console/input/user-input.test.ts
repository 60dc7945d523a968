import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openUserInput } from "../../../src/console/input/open-input.js";
import { sourceLoader } from "../../support/source-loader.js";

const program = fileURLToPath(new URL("ask-lines.ts", import.meta.url));

/** A child process that asks so many questions on its standard input. */
function asking(questions: number) {
  const child = spawn(process.execPath, ["--import", sourceLoader, program, String(questions)]);
  return { child, out: text(child.stdout), shown: text(child.stderr), exit: once(child, "exit") };
}

/** Streams in this process; `shown` is what was written so far. */
function streams({ isTTY = false } = {}) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const seen = { input: Object.assign(input, { isTTY }), output: Object.assign(output, { isTTY }), shown: "" };
  output.on("data", (chunk: Buffer) => (seen.shown += chunk.toString()));
  return seen;
}

test("answers two questions from a pipe with a wait between them, then null", async () => {
  const { child, out, shown, exit } = asking(3);
  child.stdin.end("first\nsecond\n");
  assert.deepEqual((await out).trim().split("\n"), ['"first"', '"second"', "null"]);
  assert.equal(await shown, "Question 3? \nQuestion 2? \nQuestion 1? \n");
  assert.deepEqual(await exit, [0, null]);
});

test("does not keep the process alive over an open pipe when nothing is asked any more", async () => {
  for (const questions of [0, 1]) {
    const { child, out, exit } = asking(questions);
    child.stdin.write("answer\nnever asked for\n");
    assert.deepEqual(await exit, [0, null]);
    assert.equal(await out, questions === 0 ? "" : '"answer"\n');
    child.stdin.destroy();
  }
});

test("keeps lines that come before they are asked for, and a last one without a line end", async () => {
  const { input, output } = streams();
  const lines = openUserInput(input, output);
  input.write("a\r\n\nb\n");
  input.end("last");
  const answers = [];
  for (let index = 0; index < 6; index += 1) answers.push(await lines.ask("? "));
  assert.deepEqual(answers, ["a", "", "b", "last", null, null]);
});

test("pitfall 51: puts UTF-8 together that arrives byte by byte, without its byte order mark", async () => {
  const { input, output } = streams();
  const lines = openUserInput(input, output);
  const answer = lines.ask("? ");
  for (const byte of Buffer.from("\uFEFF所有的问题 👩‍💻\nnext\n")) input.write(Buffer.of(byte));
  assert.equal(await answer, "所有的问题 👩‍💻");
  assert.equal(await lines.ask("? "), "next");
});

test("shows the question on the given stream", async () => {
  const stream = streams();
  stream.input.end("x\n");
  await openUserInput(stream.input, stream.output).ask("What now? ");
  assert.equal(stream.shown, "What now? \n");
});

for (const isTTY of [false, true]) {
  const kind = isTTY ? "terminal" : "pipe";

  test(`ends a pending question on a ${kind} when the signal aborts, and can ask again`, async () => {
    const { input, output } = streams({ isTTY });
    const lines = openUserInput(input, output);
    const stop = new AbortController();
    const pending = lines.ask("? ", stop.signal);
    stop.abort(new Error("interrupted"));
    await assert.rejects(pending, { message: "interrupted" });
    await assert.rejects(lines.ask("? ", stop.signal), { message: "interrupted" });
    const next = lines.ask("? ");
    input.write("later\n");
    assert.equal(await next, "later");
  });

  test(`ends a pending question on a ${kind} with null when it is closed, and those after it`, async () => {
    const { input, output } = streams({ isTTY });
    const lines = openUserInput(input, output);
    const pending = lines.ask("? ");
    lines.close();
    assert.equal(await pending, null);
    assert.equal(await lines.ask("? "), null);
  });

  test(`takes a read that fails on a ${kind} for the end of input`, async () => {
    const { input, output } = streams({ isTTY });
    const pending = openUserInput(input, output).ask("? ");
    input.destroy(new Error("EIO"));
    assert.equal(await pending, null);
  });

  test(`leaves no listener of a signal behind on a ${kind}`, async () => {
    const { input, output } = streams({ isTTY });
    const lines = openUserInput(input, output);
    const { signal } = new AbortController();
    const answer = lines.ask("? ", signal);
    assert.equal(getEventListeners(signal, "abort").length, 1);
    input.write("a\n");
    await answer;
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });
}

test("edits lines on a terminal, and keeps what was pasted behind the first", async () => {
  const stream = streams({ isTTY: true });
  const lines = openUserInput(stream.input, stream.output);
  const first = lines.ask("One? ");
  stream.input.write("abx\u007fc\nsecond\nthi");
  assert.equal(await first, "abc");
  assert.equal(await lines.ask("Two? "), "second");
  assert.match(stream.shown, /Two\? second\n$/);
  const third = lines.ask("Three? ");
  stream.input.write("rd\n");
  assert.equal(await third, "third");
});

test("what was entered on a terminal before a question that must be seen does not answer it, and that is said", async () => {
  const stream = streams({ isTTY: true });
  const lines = openUserInput(stream.input, stream.output);
  const first = lines.ask("One? ", undefined, { fresh: true });
  stream.input.write("first\r");
  assert.equal(await first, "first");
  stream.input.write("y\n");
  const second = lines.ask("Two? ", undefined, { fresh: true });
  assert.match(stream.shown, /entered before this question is left out\.\)\n.*Two\? [^\n]*$/);
  stream.input.write("n\n");
  assert.equal(await second, "n");
});

test("what is pasted on a terminal is one answer with its line breaks, in whatever pieces it comes", async () => {
  for (const size of [1, 3, 100]) {
    const { input, output } = streams({ isTTY: true });
    const answer = openUserInput(input, output).ask("? ", undefined, { fresh: true });
    const keys = "Do: \u001b[200~one\ttab\r\ny\ntwo €\u0003\n\n\u001b[201~!x\u007f\r";
    const bytes = Buffer.from(keys);
    for (let at = 0; at < bytes.length; at += size) input.write(bytes.subarray(at, at + size));
    assert.equal(await answer, "Do: one    tab\ny\ntwo €!");
  }
});

test("what comes at once on a terminal that does not mark pastes is one answer, too; its last line waits for Enter", async () => {
  const { input, output } = streams({ isTTY: true });
  const lines = openUserInput(input, output);
  const first = lines.ask("? ", undefined, { fresh: true });
  input.write("one\rtwo");
  input.write("\ry\r");
  assert.equal(await first, "one\ntwo\ny");
  const second = lines.ask("? ", undefined, { fresh: true });
  input.write("one\rtw");
  setTimeout(() => input.write("o\r"), 60);
  assert.equal(await second, "one\ntwo");
});

test("where Ctrl-C has to be meant, the first one clears the line and says so, and the second is passed on", async () => {
  const stream = streams({ isTTY: true });
  let interrupts = 0;
  const lines = openUserInput(stream.input, stream.output, () => (interrupts += 1));
  const pending = lines.ask("? ", undefined, { fresh: true, confirmInterrupt: true });
  stream.input.write("abc\u0003");
  assert.equal(interrupts, 0);
  assert.match(stream.shown, /Ctrl-C again ends the run/);
  stream.input.write("d\r");
  assert.equal(await pending, "d");
  const next = lines.ask("? ", undefined, { fresh: true, confirmInterrupt: true, prefill: "{}" });
  stream.input.write("\u0003\u0003");
  assert.equal(interrupts, 1);
  stream.input.write("e\r");
  assert.equal(await next, "e");
});

test("a text that stands in the line already can be changed", async () => {
  const { input, output } = streams({ isTTY: true });
  const pending = openUserInput(input, output).ask("? ", undefined, { fresh: true, prefill: "a\nb" });
  input.write("\u007fc\r");
  assert.equal(await pending, "a\nc");
});

test("passes Ctrl-C at a terminal question on, and takes Ctrl-D for the end of input", async () => {
  const { input, output } = streams({ isTTY: true });
  let interrupts = 0;
  const lines = openUserInput(input, output, () => (interrupts += 1));
  const pending = lines.ask("? ");
  input.write("\u0003");
  input.write("\u0004");
  assert.equal(await pending, null);
  assert.equal(interrupts, 1);
});

test("a line of more than 1 MB from a pipe is an error, for good, after the lines before it", async () => {
  const { input, output } = streams();
  const lines = openUserInput(input, output);
  input.write("first\n");
  assert.equal(await lines.ask("? "), "first");
  const pending = lines.ask("? ");
  for (let chunk = 0; chunk < 100; chunk += 1) input.write("x".repeat(65_536));
  const refused = { name: "SettingsError", message: /a line of more than 1 MB/ };
  await assert.rejects(pending, refused);
  assert.ok(input.readableLength + input.writableLength > 4_000_000, "the rest is not read");
  await assert.rejects(lines.ask("? "), refused);
});
