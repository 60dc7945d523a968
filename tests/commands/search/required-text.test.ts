import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { requiredText } from "../../../src/commands/files/search/required-text.js";

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
  const part = fc.constantFrom(
    ...["a", "b", "ab", "abc", "k", "\\.", ".", "[ab]", "[^c]", "(ab|c)", "(?:abc)", "(?=a)", "^", "$", "\\w", "\\b"],
    ...["a*", "b+", "c?", "a{2}", "b{0,1}", "(a)*", "(?<x>b)+", "a|b", "\\d?"],
  );
  const line = fc.string({ unit: fc.constantFrom(..."abck.AB1\u212a"), maxLength: 12 });
  let fitting = 0;
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), line, fc.boolean(), (parts, text, ignoreCase) => {
      const pattern = parts.filter((one, at) => at === 0 || one !== "(?<x>b)+" || !parts.includes(one)).join("");
      const required = requiredText(pattern, ignoreCase);
      if (required === null || !new RegExp(pattern, ignoreCase ? "iu" : "u").test(text)) return;
      fitting += 1;
      const held = ignoreCase ? text.toLowerCase().includes(required.toLowerCase()) : text.includes(required);
      assert.ok(held, JSON.stringify({ pattern, text, required }));
    }),
    { numRuns: 5_000 },
  );
  assert.ok(fitting > 0);
});
