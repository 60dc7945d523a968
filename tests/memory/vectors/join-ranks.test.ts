import assert from "node:assert/strict";
import { test } from "node:test";
import { countedPlaces, joinByRanks } from "../../../src/memory/vectors/join-ranks.js";

type Scored = { id: string; score: number };
const ranked = (ids: string, score = (place: number): number => 1 - place / 1000): Scored[] =>
  [...ids].map((id, place) => ({ id, score: score(place) }));
const joined = (near: readonly Scored[], found: readonly Scored[]): Scored[] =>
  joinByRanks(near, found, ({ id }) => id);
const idsOf = (scored: readonly Scored[]): string => scored.map(({ id }) => id).join("");

test("the score is the sum of the reciprocal ranks, as a share of the first place in both", () => {
  const found = joined(ranked("abc"), ranked("cad"));
  // a: places 1 and 2; c: 3 and 1; b: 2; d: 3.
  const [first, second, third, fourth] = [1 / 61 + 1 / 62, 1 / 63 + 1 / 61, 1 / 62, 1 / 63];
  assert.equal(idsOf(found), "acbd");
  for (const [place, sum] of [first, second, third, fourth].entries())
    assert.ok(Math.abs((found[place]?.score ?? 0) - sum / (2 / 61)) < 1e-12, String(place));
  assert.equal(joined(ranked("ab"), ranked("a"))[0]?.score, 1);
});

test("of equal sums, what is nearer comes first", () => {
  assert.equal(idsOf(joined(ranked("ab"), ranked("ba"))), "ab");
  assert.equal(idsOf(joined(ranked("a"), ranked("b"))), "ab");
  assert.equal(idsOf(joined([], ranked("ba"))), "ba");
  assert.deepEqual(joined([], []), []);
});

test("equal scores share their places, whatever order they came in", () => {
  const alike = joined(
    ranked("abcd", () => 0.7),
    ranked("d"),
  );
  assert.equal(idsOf(alike), "dabc");
  const [, a, b, c] = alike;
  assert.ok(a?.score === b?.score && b?.score === c?.score);
});

test("a ranking that cannot tell things apart beyond the places that count says nothing of them", () => {
  const letters = "abcdefghijklmnopqrstuvwxyz";
  const blind = ranked(letters, (place) => (place === 0 ? 0.9 : 0.7));
  const found = joined(blind, ranked("zy"));
  assert.equal(idsOf(found).slice(0, 3), "azy", "the one that it tells apart counts");
  assert.equal(idsOf(found).slice(3), "bcdefghijklmnopqrstuvwx", "the rest follows in its order");
});

test("places behind the 20th do not count, and what stands there follows, each with a lower score", () => {
  const letters = "abcdefghijklmnopqrstuvwxyz";
  const found = joined(ranked(letters), ranked("01234567890123456789z".slice(0, 20) + "z"));
  assert.equal(found.filter(({ id }) => id === "z").length, 1);
  assert.equal(found.at(-1)?.id, "z", "the 21st by words");
  const scores = found.map(({ score }) => score);
  assert.deepEqual(
    scores,
    [...scores].sort((one, other) => other - one),
  );
  assert.ok((scores[0] ?? 0) <= 1);
  assert.equal(countedPlaces, 20);
});
