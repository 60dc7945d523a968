import assert from "node:assert/strict";
import { test } from "node:test";
import { requiredText } from "../../../src/commands/files/search/required-text.js";
import fc from "../../support/properties.js";

test("the longest text that a pattern cannot do without is found, and none where that is not certain", () => {
  for (const [pattern, ignoreCase, expected] of [
    ["needle", false, "needle"],
    ["def \\w+\\(self", false, "(self"],
    ["import .* from 'a\\.b'", false, " from 'a.b'"],
    ["foo|barbar", false, null],
    ["(foo|bar)bazooka?", false, "bazook"],
    ["(?:long text)*short", false, "short"],
    ["abcd{0}efg", false, "abc"],
    ["abcd{2,}efg", false, "abcd"],
    ["x{a", false, "x{a"],
    ["[a-z]+\\b", false, null],
    ["[)(]abc[\\]]", false, "abc"],
    ["\\x41bcdef", false, null],
    ["größer", false, null],
    ["task list", true, " li"],
    ["ab", false, null],
  ] as const)
    assert.equal(requiredText(pattern, ignoreCase), expected, pattern);
});

test("a line that a pattern fits holds the text that it cannot do without", () => {
  /** A part of a pattern, and a text that it fits. */
  const part = fc.constantFrom(
    ...(["word", "ab c", "k", "list"] as const).map((text) => [text, text] as const),
    ...([
      ["\\.", "."],
      [".", "x"],
      ["[ab)]", "b"],
      ["(ab|c)", "c"],
      ["(?:a(b)c)", "abc"],
      ["a*", ""],
      ["a*", "aa"],
      ["b+", "bb"],
      ["c?", ""],
      ["a{2}", "aa"],
      ["b{0,1}", ""],
      ["(word)?", ""],
      ["\\w", "q"],
      ["x|", "x"],
    ] as const),
  );
  let told = 0;
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), fc.boolean(), (parts, ignoreCase) => {
      const pattern = parts.map(([source]) => source).join("");
      const exact = parts.map(([, text]) => text).join("");
      const line = ignoreCase ? exact.toUpperCase().replaceAll("K", "\u212a") : exact;
      const required = requiredText(pattern, ignoreCase);
      assert.ok(pattern.includes("|") || new RegExp(`^${pattern}$`, ignoreCase ? "iu" : "u").test(line), pattern);
      if (required === null) return;
      told += 1;
      assert.ok(
        (ignoreCase ? line.toLowerCase() : line).includes(ignoreCase ? required.toLowerCase() : required),
        pattern,
      );
    }),
    { numRuns: 2_000 },
  );
  assert.ok(told > 200, `${told} texts`);
});
