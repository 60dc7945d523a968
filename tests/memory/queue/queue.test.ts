import assert from "node:assert/strict";
import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { SettingsError } from "../../../src/errors.js";
import { openDeliveryQueue } from "../../../src/memory/queue/queue.js";
import type { StoredRecord } from "../../../src/memory/memory.js";
import { temporaryFolder } from "../../support/program.js";
import { source } from "../contract.js";

const record = (id: string): StoredRecord => ({
  ...{ id, text: `text of ${id} 我`, source: source(1), time: "2026-11-23T00:00:00.000Z" },
  ...{ embeddingModel: "words", dimension: 2, vectors: [Float32Array.from([0.1, -1e-30])] },
});

async function queueIn(t: TestContext) {
  const folder = await temporaryFolder(t);
  const warnings: string[] = [];
  const file = join(folder, "below", "queue.jsonl");
  const open = () => openDeliveryQueue(file, (message) => warnings.push(message));
  return { folder, file, warnings, open };
}

async function delivered(queue: ReturnType<typeof openDeliveryQueue>): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  await queue.deliver(async (batch) => records.push(...batch));
  return records;
}

test("records come out as they went in, in order, and once", async (t) => {
  const { open } = await queueIn(t);
  assert.deepEqual(await delivered(open()), []);
  await open().append([record("one"), record("two")]);
  await Promise.all([open().append([record("three")]), open().append([record("four")])]);
  assert.equal(await open().count(), 4);
  const records = await delivered(open());
  assert.deepEqual(records.slice(0, 2), [record("one"), record("two")]);
  assert.equal(records.length, 4);
  assert.deepEqual(await delivered(open()), []);
});

test("a record that was put in twice is delivered once", async (t) => {
  const { open } = await queueIn(t);
  await open().append([record("one")]);
  await open().append([record("two"), record("one")]);
  assert.deepEqual(await delivered(open()), [record("one"), record("two")]);
});

test("what cannot be delivered stays", async (t) => {
  const { open } = await queueIn(t);
  await open().append([record("one")]);
  await assert.rejects(
    open().deliver(async () => Promise.reject(new Error("still away"))),
    /still away/,
  );
  assert.equal(await open().count(), 1);
  await open().clear();
  assert.equal(await open().count(), 0);
});

test("a line that was half-written when its process was killed is cut off, and others follow it", async (t) => {
  const { file, open, warnings } = await queueIn(t);
  await open().append([record("one")]);
  const half = (await readFile(file, "utf8")).slice(0, 40);
  await appendFile(file, half);
  await open().append([record("two")]);
  assert.deepEqual(
    (await delivered(open())).map(({ id }) => id),
    ["one", "two"],
  );
  assert.deepEqual(warnings, []);
});

test("pitfall 16: of a damaged queue a copy is kept and said, and what can be read is delivered", async (t) => {
  const { folder, file, open, warnings } = await queueIn(t);
  await open().append([record("one")]);
  const whole = await readFile(file, "utf8");
  const damaged = `no JSON\n${whole}null\n{}\n${whole.replace("one", "two").replace('"text', '"te')}`;
  await writeFile(file, damaged);
  assert.equal(await open().count(), 1);
  await open().append([record("three")]);
  assert.deepEqual(
    (await delivered(open())).map(({ id }) => id),
    ["one", "three"],
  );
  const kept = (await readdir(join(folder, "below"))).find((name) => name.includes("damaged"));
  assert.ok((await readFile(join(folder, "below", kept ?? ""), "utf8")).startsWith(damaged));
  assert.match(warnings[0] ?? "", /queue\.jsonl, line 1, is damaged.*kept as.*2 of its records/);
  assert.deepEqual(await delivered(open()), []);
  assert.equal(warnings.length, 1);
});

test("records of different models are delivered apart, and those that are refused stay without holding up the others", async (t) => {
  const { open } = await queueIn(t);
  const other = (id: string): StoredRecord => ({
    ...record(id),
    ...{ embeddingModel: "other", dimension: 1, vectors: [Float32Array.from([1])] },
  });
  await open().append([other("one"), record("two"), other("three"), record("four")]);
  const taken: string[] = [];
  const { delivered: count, refused } = await open().deliver(async (records) => {
    assert.equal(new Set(records.map(({ embeddingModel }) => embeddingModel)).size, 1);
    if (records[0]?.embeddingModel === "other") throw new SettingsError("made with another model");
    taken.push(...records.map(({ id }) => id));
  });
  assert.deepEqual([count, refused?.message, taken], [2, "made with another model", ["two", "four"]]);
  assert.deepEqual(
    (await delivered(open())).map(({ id }) => id),
    ["one", "three"],
  );
});
