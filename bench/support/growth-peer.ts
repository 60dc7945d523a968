// One peer of `npm run bench -- memory-growth`, in a process of its own: adds the vectors of a file, asks, and prints its figures as JSON.
// Runs in a folder where the packages are installed.
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { peakKilobytes } from "./peak.js";

const require = createRequire(join(process.cwd(), "package.json"));
const [name, vectorsFile, queriesFile, dimensionText] = process.argv.slice(2) as [string, string, string, string];
const dimension = Number(dimensionText);

type Peer = {
  add(rows: readonly Float32Array[]): void;
  /** The places of the ten nearest. */
  ask(query: Float32Array): number[];
  bytes(): number;
};

function sqliteVec(): Peer {
  type Statement = { run(...values: unknown[]): void; all(value: unknown): { rowid: number }[] };
  type Database = {
    exec(sql: string): void;
    prepare(sql: string): Statement;
    transaction(work: () => void): () => void;
  };
  const Opened = require("better-sqlite3") as new (file: string) => Database;
  const database = new Opened("vectors.sqlite");
  (require("sqlite-vec") as { load(database: Database): void }).load(database);
  const column = `embedding float[${dimension}] distance_metric=cosine`;
  database.exec(`drop table if exists v; create virtual table v using vec0(${column})`);
  const insert = database.prepare("insert into v(rowid, embedding) values (?, ?)");
  const select = database.prepare("select rowid from v where embedding match ? order by distance limit 10");
  return {
    add: (rows) => database.transaction(() => rows.forEach((row, place) => insert.run(BigInt(place), row)))(),
    ask: (query) => select.all(query).map(({ rowid }) => rowid),
    bytes: () => statSync("vectors.sqlite").size,
  };
}

function usearch(): Peer {
  type Index = {
    add(key: bigint, row: Float32Array): void;
    search(query: Float32Array, count: number, threads: number): { keys: BigUint64Array };
    save(file: string): void;
  };
  const { Index, MetricKind } = require("usearch") as {
    Index: new (options: { metric: unknown; dimensions: number; connectivity: number }) => Index;
    MetricKind: { IP: unknown };
  };
  const index = new Index({ metric: MetricKind.IP, dimensions: dimension, connectivity: 16 });
  return {
    add: (rows) => rows.forEach((row, place) => index.add(BigInt(place), row)),
    ask: (query) => Array.from(index.search(query, 10, 1).keys, Number),
    bytes() {
      index.save("vectors.usearch");
      return statSync("vectors.usearch").size;
    },
  };
}

function hnswlib(): Peer {
  type Index = {
    initIndex(most: number): void;
    addPoint(row: number[], place: number): void;
    searchKnn(query: number[], count: number): { neighbors: number[] };
    writeIndexSync(file: string): void;
  };
  const { HierarchicalNSW } = require("hnswlib-node") as {
    HierarchicalNSW: new (space: "ip", dimension: number) => Index;
  };
  const index = new HierarchicalNSW("ip", dimension);
  return {
    add(rows) {
      index.initIndex(rows.length);
      for (const [place, row] of rows.entries()) index.addPoint(Array.from(row), place);
    },
    ask: (query) => index.searchKnn(Array.from(query), 10).neighbors,
    bytes() {
      index.writeIndexSync("vectors.hnsw");
      return statSync("vectors.hnsw").size;
    },
  };
}

function rowsOf(file: string): Float32Array[] {
  const bytes = readFileSync(file);
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / Float32Array.BYTES_PER_ELEMENT);
  const count = all.length / dimension;
  return Array.from({ length: count }, (_, row) => all.subarray(row * dimension, (row + 1) * dimension));
}

const peers: Record<string, () => Peer> = { "sqlite-vec": sqliteVec, usearch, "hnswlib-node": hnswlib };
const { add, ask, bytes } = (peers[name] as () => Peer)();
const rows = rowsOf(vectorsFile);
const start = performance.now();
add(rows);
const added = performance.now() - start;
const [times, found]: [number[], number[][]] = [[], []];
for (const query of rowsOf(queriesFile)) {
  const asked = performance.now();
  found.push(ask(query));
  times.push(performance.now() - asked);
}
console.log(JSON.stringify({ added, times, found, bytes: bytes(), peak: peakKilobytes() }));
