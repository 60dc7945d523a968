import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, embeddingsOn, failure, serve } from "../compose.js";

test("vectors come in the order of the texts, as numbers", async (t) => {
  const server = await serve(t, { dimension: 8 });
  const { vectors, usage } = await embeddingsOn(server.url).send({ texts: ["red fox", "blue sea", ""], ...ask() });
  assert.deepEqual(
    vectors.map(({ length }) => length),
    [8, 8, 8],
  );
  assert.notDeepEqual(vectors[0], vectors[1]);
  assert.ok(usage.promptTokens > 0);
  assert.equal(server.requests[0]?.body?.["encoding_format"], "float");
});

test("no texts need no request", async (t) => {
  const server = await serve(t);
  assert.deepEqual((await embeddingsOn(server.url).send({ texts: [], ...ask() })).vectors, []);
  assert.equal(server.requests.length, 0);
});

test("vectors are put in order by their index", async (t) => {
  const body = {
    data: [
      { index: 1, embedding: [2, 2] },
      { index: 0, embedding: [1, 1] },
    ],
  };
  const server = await serve(t, { embeddingFaults: { 0: { status: 200, body } } });
  const { vectors, usage } = await embeddingsOn(server.url).send({ texts: ["a", "b"], ...ask() });
  assert.deepEqual(vectors, [Float32Array.of(1, 1), Float32Array.of(2, 2)]);
  assert.equal(usage.estimated, true);
});

for (const [what, data] of [
  ["too few", [{ embedding: [1, 2] }]],
  ["of different lengths", [{ embedding: [1, 2] }, { embedding: [1] }]],
  ["not of numbers", [{ embedding: [1, "2"] }, { embedding: [1, 2] }]],
  ["in base64", [{ embedding: "AACAPw==" }, { embedding: "AACAPw==" }]],
  ["empty", [{ embedding: [] }, { embedding: [] }]],
  [
    "with an index twice",
    [
      { index: 0, embedding: [1] },
      { index: 0, embedding: [1] },
    ],
  ],
] as const) {
  test(`vectors that are ${what} are no answer`, async (t) => {
    const server = await serve(t, { embeddingFaults: { 0: { status: 200, body: { data } } } });
    const error = await failure(embeddingsOn(server.url).send({ texts: ["a", "b"], ...ask() }));
    assert.equal(error.kind, "not-a-completion");
  });
}
