import assert from "node:assert/strict";
import { test } from "node:test";
import { ModelError } from "../../../src/errors.js";
import { wantsOneLine, withFittingTexts, withoutLineEnds } from "../../../src/memory/embedding/fitting-texts.js";
import type { Embed } from "../../../src/memory/memory.js";

const call = { step: 1, signal: new AbortController().signal };

/** Takes so many characters in a request, as servers of small models do; a vector says which letters a text has. */
function smallModel(most: number): { embed: Embed; asked: string[][] } {
  const asked: string[][] = [];
  const embed: Embed = async (texts) => {
    asked.push([...texts]);
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    if (length > most) throw new ModelError("context-too-long", "too long");
    return texts.map((text) => Float32Array.from([text.includes("a") ? 2 : 0, text.includes("b") ? 2 : 0]));
  };
  return { embed, asked };
}

test("texts that a server finds too long together are sent apart, in order", async () => {
  const { embed } = smallModel(500);
  const texts = ["a".repeat(300), "b".repeat(300), "ab"];
  assert.deepEqual(
    (await withFittingTexts(embed)(texts, call)).map((vector) => [...vector]),
    [
      [2, 0],
      [0, 2],
      [2, 2],
    ],
  );
});

test("a text that is too long by itself is cut into overlapping halves that become one unit vector", async () => {
  const { embed, asked } = smallModel(500);
  const text = `${"a".repeat(400)}${"b".repeat(400)}`;
  const [vector = new Float32Array()] = await withFittingTexts(embed)([text], call);
  assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-6);
  assert.ok((vector[0] ?? 0) > 0.5 && (vector[1] ?? 0) > 0.5);
  const [left = "", right = ""] = asked
    .filter((texts) => texts.length === 1)
    .slice(1)
    .flat();
  assert.ok(left.length + right.length > text.length && text.startsWith(left) && text.endsWith(right));
});

test("a model that takes nothing, and any other failure, fails as it is", async () => {
  const { embed, asked } = smallModel(0);
  await assert.rejects(withFittingTexts(embed)(["a".repeat(3_000)], call), ModelError);
  assert.ok(asked.length < 20);
  const broken: Embed = async () => Promise.reject(new ModelError("server-fault", "broken"));
  await assert.rejects(withFittingTexts(broken)(["a", "b"], call), { kind: "server-fault" });
});

test("ada-002 gets spaces for line ends, in what is stored and in what is asked alike; other models get the text", async () => {
  const asked: string[] = [];
  const embed = withoutLineEnds(async (texts) => {
    asked.push(...texts);
    return [];
  });
  await embed(["one\ntwo\r\nthree\rfour"], call);
  assert.deepEqual(asked, ["one two three four"]);
  assert.ok(wantsOneLine("text-embedding-ada-002") && wantsOneLine("openai/text-embedding-ada-002"));
  assert.ok(!wantsOneLine("text-embedding-3-small"));
});
