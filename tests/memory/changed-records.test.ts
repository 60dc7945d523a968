import assert from "node:assert/strict";
import { test } from "node:test";
import type { ImportedRecord, NewRecord, OpenedMemory } from "../../src/memory/memory.js";
import { openNoMemory } from "../../src/memory/none.js";
import { limitRecords, onRecords } from "../../src/memory/wrappers.js";

const call = { step: 1, signal: new AbortController().signal };
const source = { run: "r", step: 1, kind: "page", from: "https://example.com/" } as const;

/** Sends a text into a memory by each of the three ways in, and gives what reaches it. */
async function added(wrap: (memory: OpenedMemory) => OpenedMemory, text: string): Promise<NewRecord[]> {
  const reached: NewRecord[] = [];
  const memory = wrap({
    ...openNoMemory(),
    add: async (given, from) => reached.push({ text: given, source: from }) > 0,
    addMany: async (records) => (reached.push(...records), []),
    async import(records) {
      for await (const record of records) reached.push({ text: record.text, source: record.source });
      return { added: 1, skipped: 0 };
    },
  });
  const imported = async function* (): AsyncGenerator<ImportedRecord> {
    yield { id: "1", text, source, time: "2026-01-02T03:04:05.678Z" };
  };
  await memory.add(text, source, call);
  await memory.addMany([{ text, source }], call);
  await memory.import(imported(), call);
  return reached;
}

async function limited(text: string): Promise<string> {
  const texts = (await added(limitRecords, text)).map((record) => record.text);
  assert.equal(texts.length, 3);
  assert.equal(new Set(texts).size, 1, "it is the same whichever way a text comes in");
  return texts[0] ?? "";
}

test("a text of up to 200,000 characters is remembered as it is", async () => {
  assert.equal(await limited("x".repeat(200_000)), "x".repeat(200_000));
});

test("a longer one is cut, says how much is missing, and splits no pair, whether added or imported", async () => {
  assert.equal(await limited("x".repeat(200_010)), `${"x".repeat(200_000)}\n[10 more characters were not remembered]`);
  const text = `${"x".repeat(199_999)}😀`;
  assert.equal(await limited(text), `${"x".repeat(199_999)}\n[2 more characters were not remembered]`);
});

test("a change of records reaches text and source, whichever way they come in", async () => {
  const change = ({ text, source: { from, ...rest } }: NewRecord): NewRecord => ({
    text: text.toUpperCase(),
    source: { ...rest, ...(from === undefined ? {} : { from: from.toUpperCase() }) },
  });
  const changed = { text: "RED", source: { ...source, from: "HTTPS://EXAMPLE.COM/" } };
  assert.deepEqual(await added((memory) => onRecords(memory, change), "red"), [changed, changed, changed]);
});
