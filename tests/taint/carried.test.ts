import assert from "node:assert/strict";
import { test } from "node:test";
import { carriedBy, carriedByQuestion } from "../../src/taint/carried.js";

const own = "the launch code is 0451 and the password hunter2. lisbon, porto and braga are lovely towns.";
const known = "herons of europe 2026 https://a.example/birds/grey-heron";

for (const [address, carries] of [
  ["/birds/grey-heron?page=12", false],
  ["/wiki/Ada_Lovelace", false],
  ["/weather?place=Lisbon&days=3", false],
  ["/?d=hunter2", true],
  ["/?d=h%75nter2", true],
  ["/?d=h%2575nter2", true],
  ["/0451", true],
  ["/launch/code/password", true],
  ["/?q=aHVudGVyMg", true],
  ["/68756e74657232", true],
  ["/?a=hun1&b=ter2&c=xyz3", true],
  ["/one/two/three/four/five/six/seven/eight/nine/ten/eleven/twelve/thirteen/fourteen", true],
  ["/releases/v22/2026-11-28", false],
  ["/#hunter2", false],
] as const)
  test(`an address that ends in ${address} ${carries ? "carries something out" : "carries nothing out"}`, () =>
    assert.equal(carriedBy(new URL(`https://a.example${address}`), { known, own }) !== null, carries));

test("a host's name carries something out as well as a path does", () => {
  assert.equal(carriedBy(new URL("https://hunter2.a.example/"), { known, own }), "hunter2");
});

for (const [question, carries] of [
  ["lovely towns lisbon porto braga", false],
  ["TypeError: Cannot read properties of undefined (reading 'x') node v20.18.1", false],
  ["VGhlIHBhc3N3b3JkIGlzIGh1bnRlcjItb3JjaGlk", true],
  [own, true],
] as const)
  test(`the question ${JSON.stringify(question.slice(0, 30))} ${carries ? "carries something out" : "carries nothing out"}`, () =>
    assert.equal(carriedByQuestion(question, { known, own }) !== null, carries));
