import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutVectors, withSomeVectors } from "../../src/compose/tape/taped-vectors.js";

const answerOf = (vectors: readonly unknown[]): string =>
  JSON.stringify({
    object: "list",
    data: vectors.map((embedding, index) => ({ index, embedding })),
    usage: { total_tokens: 3 },
  });
const vectorsIn = (answer: string): unknown[] =>
  (JSON.parse(answer) as { data: { embedding: unknown }[] }).data.map(({ embedding }) => embedding);

test("of vectors their lengths are kept, and some of these lengths come back; all else stays", () => {
  const vectors = [Array.from({ length: 1_536 }, (_, at) => Math.sin(at)), [1e-9], []];
  const kept = withoutVectors(answerOf(vectors));
  assert.ok(kept.length < 250, kept);
  const back = withSomeVectors(kept);
  assert.deepEqual(
    (vectorsIn(back) as number[][]).map(({ length }) => length),
    [1_536, 1, 0],
  );
  assert.deepEqual(JSON.parse(kept), JSON.parse(answerOf([{ dimension: 1_536 }, { dimension: 1 }, { dimension: 0 }])));
});

test("an answer that is none of vectors stays as it is", () => {
  for (const answer of ["", "not json", answerOf(["AAAA", null]), '{"error":{"message":"\\"embedding\\": [1"}}'])
    assert.equal(withSomeVectors(withoutVectors(answer)), answer);
  const spaced = '{ "data": [ { "embedding" : [ 0.1,\n 0.2 ] } ] }';
  assert.deepEqual(vectorsIn(withSomeVectors(withoutVectors(spaced))), [[1, 1]]);
});

test("of a record that names many lengths no more is made than an answer may have", () => {
  const made = withSomeVectors(answerOf(Array.from({ length: 1_000 }, () => ({ dimension: 99_999 }))));
  assert.ok(made.length < 21_000_000);
});
