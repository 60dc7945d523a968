import assert from "node:assert/strict";
import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { compressedBytes } from "../../../../src/memory/vectors/compress.js";
import { blockRows } from "../../../../src/memory/local/vectors/block-file.js";
import { createCompressedRows } from "../../../../src/memory/local/vectors/compressed-rows.js";
import { unitVector } from "../../../../src/memory/vectors/cosine.js";
import { createPlainKernel } from "../../../../src/memory/vectors/kernel.js";
import { vectorsPath } from "../../../../src/memory/local/files.js";
import { createKeptRows } from "../../../../src/memory/local/vectors/kept-rows.js";
import { nearestRecords } from "../../../../src/memory/local/vectors/nearest.js";
import { emptyIndex, indexRecord } from "../../../../src/memory/local/record-index.js";
import { visitVectors, writeVectors } from "../../../../src/memory/local/vectors/vectors-file.js";
import { long } from "../../../support/program.js";
import { rowsBeside } from "../../../support/fixtures.js";
import { exactly, line, list, random, stored, type Records } from "./stored-vectors.js";
import { textsOfTopic, textVectors, topics } from "./text-vectors.js";

/** Vectors close to one of a few directions, many of them equal. */
function clustered(dimension: number, count: number): Float32Array[] {
  const centres = list(5, () => random(dimension));
  return list(count, (number) => {
    const centre = centres[number % 5] as Float32Array;
    if (number % 3 === 0) return centre;
    return unitVector(centre.map((value) => value + (Math.random() - 0.5) / 1000));
  });
}

async function agrees(t: TestContext, records: Records, queries: readonly Float32Array[]): Promise<void> {
  const { folder, header, file, index } = await stored(t, records);
  const expected = queries.map((query) => exactly(records, query, 40));
  const ways = [
    { rows: createCompressedRows(), kept: undefined },
    { rows: createCompressedRows({ create: createPlainKernel }), kept: undefined },
    { rows: createCompressedRows(), kept: createKeptRows() },
    { rows: createCompressedRows(), kept: createKeptRows(41 * 4 * (records[0]?.[0]?.length ?? 0)) },
  ];
  for (const { rows, kept } of ways) {
    for (const [number, query] of [...queries, ...queries].entries()) {
      const bounds = await rows.upperBounds({ folder, header, count: index.nextRow, sums: index.sums }, query);
      const find = nearestRecords(file, index, bounds, query, () => false, kept?.visit);
      for (const count of [1, 10, 40])
        assert.deepEqual(find(count), expected[number % queries.length]?.slice(0, count));
    }
  }
}

test("finds the same records, scores and order as scoring everything: random vectors of any dimension", async (t) => {
  for (const dimension of [1, 2, 31, 33, 257, 1536]) {
    const records = list(300, () => [random(dimension)]);
    await agrees(t, records, [random(dimension), records[7]?.[0] as Float32Array, new Float32Array(dimension)]);
  }
});

test("finds the same where many vectors are equal or nearly so, and where records have several", async (t) => {
  const near = clustered(48, 900);
  await agrees(
    t,
    near.map((vector) => [vector]),
    near.slice(0, 4),
  );
  const several = list(200, (number) => near.slice(number * 4, number * 4 + 1 + (number % 4)));
  await agrees(t, several, near.slice(0, 4));
});

/** Queries that lie between two of the vectors. */
const between = (vectors: readonly Float32Array[]): Float32Array[] =>
  list(long ? 50 : 10, (number) => {
    const [one, other] = [vectors[(number * 131) % vectors.length], vectors[number]];
    return unitVector((one as Float32Array).map((value, at) => value + 0.3 * (other?.[at] ?? 0)));
  });

test("finds the same over vectors that lie as embeddings of texts do", async (t) => {
  const vectors = textVectors();
  await agrees(
    t,
    vectors.map((vector) => [vector]),
    [...between(vectors), vectors[0] as Float32Array],
  );
});

test("among near copies the nearest come first, and all of a topic before the others", async (t) => {
  const vectors = textVectors();
  const { folder, header, file, index } = await stored(
    t,
    vectors.map((vector) => [vector]),
  );
  const rows = createCompressedRows();
  for (let topic = 0; topic < topics; topic += 1) {
    const first = topic * textsOfTopic;
    const query = vectors[first] as Float32Array;
    const bounds = await rows.upperBounds({ folder, header, count: index.nextRow, sums: index.sums }, query);
    const found = nearestRecords(file, index, bounds, query)(textsOfTopic);
    assert.deepEqual(
      found.map(({ item }) => item),
      list(textsOfTopic, (text) => first + text),
    );
  }
});

// Embeddings of real texts lie beside the repository where somebody has them.
const recorded = rowsBeside<{ embedding: number[] }>("data", "embeddings.jsonl.gz");
if (recorded.length > 0) {
  test("finds the same over embeddings of real texts", async (t) => {
    const vectors = recorded.map(({ embedding }) => unitVector(new Float32Array(embedding)));
    await agrees(
      t,
      vectors.map((vector) => [vector]),
      between(vectors),
    );
    t.diagnostic(`${vectors.length} texts`);
  });
}

test("goes on over blocks, banks and rows that are added later", async (t) => {
  const records = list(2 * blockRows + 700, () => [random(24)]);
  const query = random(24);
  const expected = exactly(records, query, 10);
  const { folder, header, file, index } = await stored(t, records);
  const oneBlock = compressedBytes(24) * blockRows;
  for (const rows of [
    createCompressedRows(),
    createCompressedRows({ create: createPlainKernel, bankBytes: oneBlock }),
  ]) {
    for (const count of [1, 900, blockRows, blockRows + 1, records.length, records.length]) {
      const bounds = await rows.upperBounds({ folder, header, count }, query);
      if (count === records.length) assert.deepEqual(nearestRecords(file, index, bounds, query)(10), expected);
    }
  }
});

/** Asks for the nearest 20 records of each query, twice over, and says how many rows of vectors were scored exactly for one. */
async function scoredRows(t: TestContext, records: Records, queries: readonly Float32Array[]): Promise<number> {
  const { folder, header, file, index } = await stored(t, records);
  let scored = 0;
  const counting: typeof visitVectors = (of, rows, visit) => {
    scored += rows.length;
    visitVectors(of, rows, visit);
  };
  for (const rows of [createCompressedRows(), createCompressedRows({ create: createPlainKernel })]) {
    for (const query of queries) {
      const bounds = await rows.upperBounds({ folder, header, count: index.nextRow, sums: index.sums }, query);
      const find = nearestRecords(file, index, bounds, query, () => false, counting);
      assert.deepEqual(find(20), exactly(records, query, 20));
    }
  }
  const each = scored / queries.length / 2;
  t.diagnostic(`${each} of ${index.nextRow} rows`);
  return each;
}

test("rows that are all but equal are told apart without scoring many, over blocks and records of several rows", async (t) => {
  const common = random(64);
  const near = (): Float32Array => {
    const own = random(64);
    return unitVector(common.map((value, at) => value + 0.05 * (own[at] as number)));
  };
  // Records lie across the ends of blocks.
  const records = list(2 * blockRows + 100, (number) => list(1 + (number % 3), near));
  assert.ok((await scoredRows(t, records, list(20, near))) < 200);
});

test("the first and the last row of a block are found, by records of one row and of several", async (t) => {
  for (const rows of [1, 3]) {
    const records = list(Math.ceil((2 * blockRows + 100) / rows), () => list(rows, () => random(24)));
    const vectors = records.flat();
    const places = [0, blockRows - 1, blockRows, 2 * blockRows - 1, 2 * blockRows, vectors.length - 1];
    await scoredRows(
      t,
      records,
      places.map((place) => vectors[place] as Float32Array),
    );
  }
});

test("rows of no record are not found, and hide none", async (t) => {
  const vectors = list(60, () => random(16));
  const { folder, header, file } = await stored(
    t,
    vectors.map((vector) => [vector]),
  );
  const index = emptyIndex();
  const isLost = (row: number): boolean => row % 20 >= 10;
  for (const row of vectors.keys()) if (!isLost(row)) indexRecord(index, { row, rows: 1 }, line);
  const left = vectors.filter((_, row) => !isLost(row)).map((vector) => [vector]);
  for (const query of vectors) {
    const bounds = await createCompressedRows().upperBounds(
      { folder, header, count: index.nextRow, sums: index.sums },
      query,
    );
    assert.deepEqual(nearestRecords(file, index, bounds, query)(5), exactly(left, query, 5));
  }
});

test("of rows that are equal one of each block is scored", async (t) => {
  const vectors = list(40, () => random(64));
  const records = list(3 * blockRows + 500, (number) => [vectors[(number * number) % 37] as Float32Array]);
  const queries = list(20, (number) => vectors[number] as Float32Array);
  // The first of the queries finds the blocks while they pass, and knows of no equal rows.
  assert.ok((await scoredRows(t, records, queries)) < 60);
});

test("keeps whole blocks on disk, makes anew those that are missing or cut short, and goes on with other vectors", async (t) => {
  const records = list(2 * blockRows + 5, () => [random(8)]);
  const { folder, header, file, index } = await stored(t, records);
  const query = random(8);
  const found = async (): Promise<unknown> => {
    const rows = createCompressedRows();
    const ask = async () => {
      const bounds = await rows.upperBounds({ folder, header, count: index.nextRow, sums: index.sums }, query);
      return nearestRecords(file, index, bounds, query)(5);
    };
    // The first looks at the blocks as they pass, the second keeps them, the third has them.
    const found = await ask();
    assert.deepEqual([await ask(), await ask()], [found, found]);
    return found;
  };
  const blocks = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.endsWith(".i8")).sort();
  const expected = exactly(records, query, 5);
  assert.deepEqual(await found(), expected);
  assert.deepEqual(await blocks(), ["vectors-v.0.i8", "vectors-v.1.i8"]);
  assert.deepEqual(await found(), expected);
  const kept = await readFile(join(folder, "vectors-v.0.i8"));
  await writeFile(
    join(folder, "vectors-v.0.i8"),
    kept.map((byte, at) => (at % 5 === 0 ? 0 : byte)),
  );
  assert.deepEqual(await found(), expected);
  assert.deepEqual(await readFile(join(folder, "vectors-v.0.i8")), kept);
  await truncate(join(folder, "vectors-v.0.i8"), 100);
  await rm(join(folder, "vectors-v.1.i8"));
  assert.deepEqual(await found(), expected);
  assert.deepEqual(await blocks(), ["vectors-v.0.i8", "vectors-v.1.i8"]);

  const rows = createCompressedRows();
  await rows.upperBounds({ folder, header, count: index.nextRow, sums: index.sums }, query);
  const others = list(10, () => [random(8)]);
  const other = { path: vectorsPath(folder, "w"), dimension: 8 };
  await writeFile(other.path, "");
  writeVectors(other, 0, others.flat());
  const otherIndex = emptyIndex();
  for (const vectors of others) indexRecord(otherIndex, { row: otherIndex.nextRow, rows: vectors.length }, line);
  const bounds = await rows.upperBounds({ folder, header: { ...header, vectors: "w" }, count: 10 }, query);
  const nearest = nearestRecords(other, otherIndex, bounds, query);
  assert.deepEqual(nearest(5), exactly(others, query, 5));
});
