import assert from "node:assert/strict";
import { test } from "node:test";
import { withRecentVectors } from "../../../src/memory/embedding/recent.js";
import { wordsEmbedding, wordsVector } from "./words-embedding.js";
import { quietCall } from "../service-memories.js";

test("texts that were embedded last are not embedded again; the oldest give way, and what is asked for again is new", async () => {
  const { embed, asked } = wordsEmbedding();
  const recent = withRecentVectors(embed, 3);
  const [a, b, c] = [wordsVector("a"), wordsVector("b"), wordsVector("c")];
  assert.deepEqual(await recent(["a", "b", "a"], quietCall), [a, b, a]);
  assert.deepEqual(await recent(["a", "c"], quietCall), [a, c]);
  await recent(["d"], quietCall);
  await recent(["a", "c", "d"], quietCall);
  assert.deepEqual(asked, ["a", "b", "c", "d"]);
  await recent(["b"], quietCall);
  assert.deepEqual(asked, ["a", "b", "c", "d", "b"]);
});
