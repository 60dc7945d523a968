import assert from "node:assert/strict";
import { test } from "node:test";
import { createMask, secretFinder } from "../../src/base/mask.js";

const secret = "sk-a/b+c d&e=1234567890";

test("a secret is replaced in every text of a value, in names that a model chose too, however deep", () => {
  const mask = createMask([secret]);
  const value = { a: [`x ${secret} y ${secret}`, { args: { x: { [secret]: secret } } }], b: 5, c: null, d: true };
  const masked = mask(value);
  assert.doesNotMatch(JSON.stringify(masked), /sk-a/);
  assert.equal(masked.a[0] as string, "x [secret] y [secret]");
  assert.deepEqual([masked.b, masked.c, masked.d], [5, null, true]);
  assert.ok(JSON.stringify(value).includes("sk-a"), "the value itself is not touched");
});

test("a secret is found in a URL and in base64 as well", () => {
  const mask = createMask([secret]);
  for (const text of [
    `https://x/?key=${encodeURIComponent(secret)}`,
    `https://x/?${new URLSearchParams({ key: secret }).toString()}`,
    `Basic ${Buffer.from(secret).toString("base64")}`,
  ])
    assert.match(mask(text), /\[secret\]/);
  assert.doesNotMatch(mask(Buffer.from(secret).toString("base64")), /c2stYS9i/);
});

test("where one secret holds another, both are gone", () => {
  assert.equal(createMask(["abcdef", "abcdefghij"])("abcdefghij abcdef"), "[secret] [secret]");
});

test("signs of regular expressions in a secret are plain text", () => {
  assert.equal(createMask(["a.c*(d"])("a.c*(d abcd"), "[secret] abcd");
});

test("without secrets values are handed back as they are", () => {
  const value = { text: "x" };
  assert.equal(createMask([])(value), value);
});

test("names that every object inherits are kept as ordinary keys", () => {
  const value = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": "c"}') as object;
  const masked = createMask([secret])(value);
  assert.equal(JSON.stringify(masked), JSON.stringify(value));
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

test("a secret that is a word of our own leaves events as they are, and only texts without it", () => {
  const mask = createMask(["workspace", "step-end", "reserved"]);
  const event = { type: "step-end", workspace: "/home/workspace", thoughts: { text: "the workspace" }, reserved: 1 };
  assert.deepEqual(JSON.parse(JSON.stringify(mask(event))), { ...event, thoughts: { text: "the [secret]" } });
});

test("a secret is found as JSON writes it, and inside longer base64", () => {
  const quoted = 'pass"word\\with-signs';
  assert.doesNotMatch(createMask([quoted])(JSON.stringify({ quoted })), /with-signs/);
  for (const before of ["", "u", "us", "use"]) {
    const encoded = Buffer.from(`${before}${secret}@host`).toString("base64");
    assert.match(createMask([secret])(encoded), /\[secret\]/, before);
  }
});

test("a secret of which some or all characters are escaped is found, however often, and what stands around it is kept", () => {
  const word = "sk-secret/ä-0123456789";
  const mask = createMask([word]);
  const percent = (text: string): string =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  for (const written of [
    word.replace("s", "%73"),
    word.replace("e", "%65").replace("ä", "%C3%a4"),
    percent(word),
    percent(percent(word)),
    word.replace("k", "%256b"),
    word.replace("k", "\\u006b"),
    word.replace("k", "\\x6B"),
    word.replace("k", "\\u{6b}").replace("/", "\\/"),
    word.replace("ä", "\\u00e4"),
    word.replace("k", "&#107;").replace("ä", "&#xe4;").replace("/", "&sol;").replace("-", "&hyphen;"),
    Buffer.from(word).toString("hex"),
    Buffer.from(word).toString("hex").toUpperCase(),
  ])
    assert.equal(mask(`100% of ä ${written}&x=%20é "\\u0041"`), `100% of ä [secret]&x=%20é "\\u0041"`, written);
  for (const other of ["100%", "%zz%7", "&amp; &#x110000; \\u", "%73k-public", "\ud800%73"])
    assert.equal(mask(other), other);
});

test("a text that is still coming is never cut within a secret, however it is escaped", () => {
  const word = "sk-secret-0123456789";
  const mask = createMask([word]);
  for (const written of [word, word.replace("k", "%6b"), word.replace("9", "%2539"), word.replace("r", "&#114;")]) {
    const text = `see ${written} there`;
    for (let length = 0; length <= text.length; length++) {
      const coming = text.slice(0, length);
      const safe = mask.safeEnd(coming, coming.length);
      assert.ok(safe <= 4 || safe >= 4 + written.length, `${written}: ${coming} may be shown up to ${safe}`);
    }
  }
});

test("masking escaped texts takes time in proportion to their length", () => {
  const mask = createMask(["sk-secret-0123456789", "other-secret"]);
  for (const part of ["%73", "%25", "\\u0073", "&#115;", "sk-secret-012345678%"]) {
    const started = process.cpuUsage();
    mask(part.repeat(50_000));
    assert.ok(process.cpuUsage(started).user < 2_000_000, part);
  }
});

test("a secret is found in the base64 of UTF-16, and by the finder in UTF-16 that was read as UTF-8", () => {
  for (const bytes of [
    Buffer.from(`$key="${secret}"`, "utf16le"),
    Buffer.from(`$key="${secret}"`, "utf16le").swap16(),
  ]) {
    const encoded = bytes.toString("base64");
    assert.match(createMask([secret])(encoded), /\[secret\]/);
    assert.equal(secretFinder([secret])(bytes.toString("utf8")), true);
  }
  assert.equal(secretFinder([secret])("s k - a"), false);
});
