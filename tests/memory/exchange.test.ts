import assert from "node:assert/strict";
import { test } from "node:test";
import { exportedLine, importedRecord } from "../../src/memory/exchange.js";

const record = {
  id: "one",
  text: "line\none \u2028 😀",
  source: { run: "r", step: 2, kind: "page" as const, from: "https://example.com/" },
  time: "2026-11-23T00:00:00.000Z",
  embeddingModel: "m",
  dimension: 3,
  vectors: [Float32Array.from([0.1, -2, 3e-20]), Float32Array.from([1, 0, 0])],
};

test("a record comes back as it went out, its vectors to the last bit, on one line", () => {
  const line = exportedLine(record, { withVectors: true });
  assert.ok(!line.includes("\n"));
  const { dimension, ...expected } = record;
  assert.equal(dimension, 3);
  assert.deepEqual(importedRecord(JSON.parse(line)), expected);
});

test("without vectors the text and where it comes from remain", () => {
  const { id, text, source, time } = record;
  assert.deepEqual(importedRecord(JSON.parse(exportedLine(record, { withVectors: false }))), {
    id,
    text,
    source,
    time,
  });
});

test("what is no record is none", () => {
  const good = JSON.parse(exportedLine(record, { withVectors: true })) as Record<string, unknown>;
  assert.ok(importedRecord(good));
  const wrong = [
    { id: "" },
    { id: 1 },
    { text: null },
    { time: "soon" },
    { source: { ...record.source, kind: "other" } },
  ];
  for (const change of wrong) assert.equal(importedRecord({ ...good, ...change }), null, JSON.stringify(change));
  for (const value of [null, [], "text", 1]) assert.equal(importedRecord(value), null);
});

test("of a record from outside only what belongs to one is taken, and its time is brought into our form", () => {
  const outside = JSON.parse(
    '{"id":"__proto__","text":"t","time":"2026-11-23T01:00:00+01:00","__proto__":{"vectors":[]},' +
      '"source":{"run":"r","step":1,"kind":"note","rows":99,"texts":1e9,"model":"m","__proto__":{"from":"x"}}}',
  ) as unknown;
  assert.deepEqual(importedRecord(outside), {
    ...{ id: "__proto__", text: "t", time: "2026-11-23T00:00:00.000Z" },
    source: { run: "r", step: 1, kind: "note" },
  });
  assert.equal(importedRecord({ ...record, source: { ...record.source, step: 1e300 } }), null);
});
