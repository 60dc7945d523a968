import assert from "node:assert/strict";
import { test } from "node:test";
import { limitRecords } from "../../src/memory/wrappers.js";
import { openNoMemory } from "../../src/memory/none.js";

const call = { step: 1, signal: new AbortController().signal };
const source = { run: "r", step: 1, kind: "page" } as const;

/** What reaches the memory of a text that is added. */
async function added(text: string): Promise<string> {
  const texts: string[] = [];
  const memory = limitRecords({ ...openNoMemory(), add: async (given) => void texts.push(given) });
  await memory.add(text, source, call);
  return texts.join("|");
}

test("a text of up to 200,000 characters is remembered as it is", async () => {
  assert.equal(await added("x".repeat(200_000)), "x".repeat(200_000));
});

test("a longer one is cut, says how much is missing, and splits no pair", async () => {
  assert.equal(await added("x".repeat(200_010)), `${"x".repeat(200_000)}\n[10 more characters were not remembered]`);
  const text = `${"x".repeat(199_999)}😀`;
  assert.equal(await added(text), `${"x".repeat(199_999)}\n[2 more characters were not remembered]`);
});
