import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { createLiveThoughts } from "../../src/console/live-thoughts.js";
import { createPalette } from "../../src/console/palette.js";
import { createThoughtReader } from "../../src/console/partial-thoughts.js";
import { createScreen } from "../../src/console/screen.js";
import { createMask } from "../../src/base/mask.js";
import fc from "../support/properties.js";
import { reply } from "../support/services/fake-open-ai.js";

function terminal({ isTTY = true, secrets = [] as string[] } = {}) {
  const seen = { text: "" };
  const stream = () =>
    Object.assign(
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          seen.text += chunk.toString("utf8");
          done();
        },
      }),
      { isTTY },
    );
  const screen = createScreen({ out: stream(), err: stream(), signal: new AbortController().signal });
  const live = createLiveThoughts(screen, { aiName: "Ada", palette: createPalette(0), mask: createMask(secrets) });
  return { seen, live };
}

const thoughts = {
  text: "I look at it.\nTwice.",
  reasoning: 'It "is" so: 你好 🙂',
  plan: "- one\n- two",
  criticism: "none",
};
const text = reply("do_nothing", {}, thoughts);
const shownText =
  'ADA THOUGHTS: I look at it.\n| Twice.\nREASONING: It "is" so: 你好 🙂\nPLAN:\n-  one\n-  two\nCRITICISM: none\n';

test("thoughts appear as they come, whole words at a time, whatever the pieces are", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 200 }), (sizes) => {
      const { seen, live } = terminal();
      live.hear(null);
      let at = 0;
      for (let index = 0; at < text.length; index += 1) {
        const size = sizes[index % sizes.length] ?? 1;
        live.hear(text.slice(at, (at += size)));
        assert.ok(shownText.startsWith(seen.text.trimEnd()), seen.text);
      }
      const shown = live.finish();
      assert.equal(seen.text, shownText);
      assert.deepEqual(Object.fromEntries(shown), thoughts);
    }),
    { numRuns: 100 },
  );
});

test("the first words are there long before the reply is whole", () => {
  const { seen, live } = terminal();
  live.hear(null);
  live.hear('{"thoughts": {"text": "I begin with');
  assert.equal(seen.text, "ADA THOUGHTS: I begin");
});

test("a reply that begins again begins on a new line, and what was thought aloud is not shown", () => {
  const { seen, live } = terminal();
  live.hear(null);
  live.hear('{"thoughts": {"text": "half a ');
  live.hear(null);
  live.hear('<think>{"thoughts": {"text": "secret plan "');
  live.hear('</think>{"thoughts": {"text": "whole"}}');
  live.finish();
  assert.equal(seen.text, "ADA THOUGHTS: half a\nADA THOUGHTS: whole\n");
});

test("thinking is not shown, in whichever marks it stands", () => {
  for (const [open, close] of [
    ["<thinking>\n", "</thinking>"],
    ['<think lang="en">', "</think>\n"],
    ["[THINK]", "[/THINK]"],
    ["◁think▷", "◁/think▷"],
    ["<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"],
    ["Hm: ", "</think>\n```json\n"],
  ] as const) {
    const { seen, live } = terminal();
    live.hear(null);
    for (const letter of `${open}{"thoughts": {"text": "a draft that goes "}} no ${close}`) live.hear(letter);
    assert.equal(seen.text, "", open);
    for (const letter of '{"thoughts": {"text": "whole"}}') live.hear(letter);
    live.finish();
    assert.equal(seen.text, "ADA THOUGHTS: whole\n", open);
  }
});

test("secrets are masked and control characters shown escaped, even where they are split", () => {
  const { seen, live } = terminal({ secrets: ["sk-live-0123456789"] });
  live.hear(null);
  for (const letter of '{"thoughts": {"text": "the key is sk-live-0123456789 and \\u001b[31mred\\u0007 ends"}}')
    live.hear(letter);
  live.finish();
  assert.equal(seen.text.includes("sk-live"), false);
  assert.doesNotMatch(seen.text, /[\u001b\u0007]/);
  assert.match(seen.text, /the key is \[secret\] and .*red.* ends/);
});

test("a secret with spaces is never shown in part, however it comes", () => {
  const secrets = ["correct horse battery staple", "correct answer"];
  for (const words of [
    "it is correct horse battery staple, so",
    "correct horse battery stable",
    "a correct horse",
    "correct answer",
  ]) {
    const { seen, live } = terminal({ secrets });
    live.hear(null);
    for (const letter of `{"thoughts": {"text": "${words}`) {
      live.hear(letter);
      assert.equal(seen.text.includes("horse") && !words.includes("stable"), false, seen.text);
      if (!words.includes("stable") && words !== "a correct horse") assert.doesNotMatch(seen.text, /correct/);
    }
    live.hear('"}}');
    live.finish();
    assert.equal(seen.text, `ADA THOUGHTS: ${createMask(secrets)(words)}\n`);
  }
});

test("where nobody watches nothing is shown before the reply is whole", () => {
  const { seen, live } = terminal({ isTTY: false });
  live.hear(null);
  live.hear(text);
  assert.equal(live.finish().size, 0);
  assert.equal(seen.text, "");
});

test("any text in any pieces: it never throws, and never shows what is not there", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(fc.string(), fc.constantFrom('{"thoughts":{', '"text":"', '"', "\\", "\\u12", "}", ",", "<think>")),
      ),
      (pieces) => {
        const reader = createThoughtReader();
        for (const piece of pieces) reader.read(piece);
      },
    ),
    { numRuns: 300 },
  );
});
