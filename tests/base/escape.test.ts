import assert from "node:assert/strict";
import { test } from "node:test";
import { escapeControls } from "../../src/base/escape.js";
import fc from "../support/properties.js";

const keep = (text: string): string => escapeControls(text, { newlines: "keep" });
const oneLine = (text: string): string => escapeControls(text, { newlines: "escape" });

test("spells out whatever could steer a terminal (forged approval prompts)", () => {
  assert.equal(keep("\u001b[31mred\u001b[0m"), "\\u001b[31mred\\u001b[0m");
  assert.equal(keep("\u001b]8;;http://evil.example\u0007link"), "\\u001b]8;;http://evil.example\\u0007link");
  assert.equal(keep("\u001b]52;c;ZXZpbA==\u0007"), "\\u001b]52;c;ZXZpbA==\\u0007");
  assert.equal(keep("\u009b2J\u0090x\u009c"), "\\u009b2J\\u0090x\\u009c");
  assert.equal(keep("over\rwritten\b\b\u007f\0"), "over\\u000dwritten\\u0008\\u0008\\u007f\\u0000");
  assert.equal(keep("crlf\r\n"), "crlf\\u000d\n");
});

test("spells out what reorders or hides text", () => {
  for (const code of [0x202a, 0x202e, 0x2066, 0x2069, 0x200e, 0x200f, 0x061c, 0x200b, 0xfeff, 0x2028, 0x2029, 0x2060])
    assert.equal(keep(`a${String.fromCodePoint(code)}b`), `a\\u${code.toString(16).padStart(4, "0")}b`);
  for (const code of [
    0xad, 0x34f, 0x115f, 0x1160, 0x3164, 0xffa0, 0x180e, 0xfff9, 0x17b4, 0xfe00, 0xfe0f, 0x206a, 0xfff0,
  ])
    assert.equal(keep(`a${String.fromCodePoint(code)}b`), `a\\u${code.toString(16).padStart(4, "0")}b`);
  for (const code of [0x1bca0, 0x1d173, 0xe0041, 0xe0100, 0xe01ef, 0xe0fff])
    assert.equal(keep(`a${String.fromCodePoint(code)}b`), `a\\u{${code.toString(16)}}b`);
  assert.equal(
    keep("аdmin\u200dа é\u200dé 漢\u200d字 می\u200c\u200cخ"),
    "аdmin\\u200dа é\\u200dé 漢\\u200d字 می\\u200c\\u200cخ",
  );
  assert.equal(keep("rm\u200d -rf"), "rm\\u200d -rf");
  assert.equal(keep("\u200c"), "\\u200c");
});

test("spells out halves of surrogate pairs, and only those", () => {
  assert.equal(keep("a\ud83db\ude00c😀"), "a\\ud83db\\ude00c😀");
});

test("spells out what looks like a plain space, or like several", () => {
  for (const code of [0xa0, 0x1680, 0x2003, 0x200a, 0x202f, 0x205f, 0x2800, 0x3000])
    assert.equal(oneLine(`rm${String.fromCodePoint(code)}-rf a`), `rm\\u${code.toString(16).padStart(4, "0")}-rf a`);
  assert.equal(oneLine("notes.txt\u3000"), "notes.txt\\u3000");
  assert.equal(oneLine("写真.txt\u3000\u2800"), "写真.txt\\u3000\\u2800");
  assert.equal(oneLine("a\u{1d159}b"), "a\\u{1d159}b");
});

test("leaves text of any language, emoji, tabs and newlines as they are", () => {
  for (const text of [
    "",
    "plain text\twith a tab\nand a line",
    "所有的问题都用中文回答，「引号」",
    "zażółć gęślą jaźń — עברית العربية می‌خواهم",
    "👩‍💻 👨‍👩‍👧‍👦 🏳️‍🌈 ❤️‍🔥 👍🏽 🇩🇪 👩🏽‍🚀 1️⃣ ✔︎",
    "\u3000\u3000吾輩は\u3000猫である。\u3000名前は",
    "10\u202f000\u202fkm, z.\xa0B. «\xa0oui\u202f!\xa0» 5\u2009%",
    "क्‍ष ശ്രീ‌മതി",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "C:\\new\\u001b already spelled",
  ])
    assert.equal(keep(text), text);
});

test("spells newlines too where text has to stay on one line", () => {
  assert.equal(oneLine("a\nb\tc\u001b"), "a\\nb\tc\\u001b");
  assert.equal(oneLine("no newline"), "no newline");
});

test("lets no control character through, whatever the text", (t) => {
  const runs = process.env["AUTOGPT_TEST_LONG"] ? 10_000 : 1000;
  const unit = fc.oneof(fc.integer({ min: 0, max: 0xa0 }), fc.integer({ min: 0x2000, max: 0x2070 }), fc.nat(0x10ffff));
  const text = fc.array(unit.map((code) => String.fromCodePoint(code))).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (one) => {
      const shown = oneLine(one);
      for (const character of shown) {
        const code = character.codePointAt(0) ?? 0;
        const steers = (code < 0x20 && code !== 9) || (code >= 0x7f && code < 0xa0);
        assert.ok(!steers && !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069));
      }
    }),
    { numRuns: runs },
  );
  t.diagnostic(`${runs} texts`);
});

test("takes time in proportion to the length", () => {
  for (const part of ["\u001b", "\u200d", "\u{e0041}", "\u{1f3f4}\u{e0041}", "\ud800", "a"]) {
    const started = process.cpuUsage();
    keep(part.repeat(100_000));
    assert.ok(process.cpuUsage(started).user < 5_000_000, `${JSON.stringify(part)} took too long`);
  }
});
