import assert from "node:assert/strict";
import { test } from "node:test";
import { plainOutput } from "../../src/sandbox/plain-output.js";

for (const [what, text, expected] of [
  ["a line that was drawn again and again", "start\n10 %\r20 %\r100 %\nend\n", "start\n100 %\nend\n"],
  ["one that ends at the beginning of the line", "10 %\r20 %\r\nend", "20 %\nend"],
  ["one that was erased", "wait…\r\x1b[2Kdone\n", "done\n"],
  ["one whose cursor was moved", "wait…\x1b[1Gdone\n", "done\n"],
  ["line ends of Windows", "one\r\ntwo\r\r\nthree\r\n", "one\ntwo\nthree\n"],
  ["colours", "\x1b[01;31m\x1b[Kred\x1b[m\x1b[K plain \x1b[38;5;12mblue\x1b[0m", "red plain blue"],
  ["links and titles", "\x1b]0;title\x07\x1b]8;;https://example.org\x1b\\text\x1b]8;;\x1b\\", "text"],
  ["a bell", "ready\x07\n", "ready\n"],
  [
    "a zero byte between words",
    "a".repeat(40) + "\0" + "b".repeat(40),
    "a".repeat(40) + "[1 zero byte]" + "b".repeat(40),
  ],
  ["zero bytes alone", "\0".repeat(65_536), "[65536 characters of output that is no text]"],
  ["plain text of any script", "zażółć\t中文 😀\n", "zażółć\t中文 😀\n"],
] as const) {
  test(`output for reading: ${what}`, () => {
    assert.equal(plainOutput(text), expected);
  });
}

test("a progress bar of any length is one line", () => {
  const bar = Array.from({ length: 2_000 }, (_, n) => `\r[${"#".repeat(n % 20)}] ${n}`).join("");
  assert.equal(plainOutput(`${bar}\ndone\n`), `[${"#".repeat(19)}] 1999\ndone\n`);
});

test("a long line takes time in proportion to its length", () => {
  const line = "x".repeat(1_000_000);
  const began = process.cpuUsage();
  assert.equal(plainOutput(`${line}\none\rtwo`), `${line}\ntwo`);
  assert.ok(process.cpuUsage(began).user < 2_000_000);
});
